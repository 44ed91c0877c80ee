import { type Form, OAuthError } from '@latchkey/protocol'
import type { ClientRegistry, RegisteredClient } from '../config.ts'
import { hasSha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { AuthenticatedClient, ClientAuthMethod, Credentials } from './client-auth-method.ts'
import { clientAuthMethods } from './index.ts'

interface Asking {
  readonly request: Request
  readonly form: Form
}

/**
 * The client that sent the request, proven.
 * @throws OAuthError `invalid_client` when it does not prove who it is, `invalid_request` when it tries two ways at once
 * @spec RFC 6749 §2.3, §3.2.1
 */
export async function authenticateClient(parts: Parts, asking: Asking): Promise<AuthenticatedClient> {
  const { method, credentials } = readCredentials(asking)
  const client = await provenClient(parts.clients, credentials)
  const registered = client.metadata.token_endpoint_auth_method
  if (registered !== method.name) {
    throw new OAuthError('invalid_client', `this client is registered for ${registered}, not ${method.name}`)
  }
  const named = asking.form.get('client_id')
  if (named !== undefined && named !== client.metadata.client_id) {
    throw new OAuthError('invalid_request', 'client_id in the body is not the client that authenticated')
  }
  return client as AuthenticatedClient
}

function readCredentials({ request, form }: Asking): { method: ClientAuthMethod; credentials: Credentials } {
  let found: { method: ClientAuthMethod; credentials: Credentials } | undefined
  for (const method of clientAuthMethods) {
    const credentials = method.read(request, form)
    if (credentials === null) continue
    if (found !== undefined) {
      throw new OAuthError('invalid_request', `the client authenticates twice: ${found.method.name} and ${method.name}`)
    }
    found = { method, credentials }
  }
  if (found === undefined) throw new OAuthError('invalid_client', 'the request names no client')
  return found
}

/** An unknown client and a wrong secret look the same from outside. */
async function provenClient(clients: ClientRegistry, { readings }: Credentials): Promise<RegisteredClient> {
  let detail = 'unknown client'
  for (const { clientId, secret } of readings) {
    const client = await clients.find(clientId)
    if (client === null) continue
    if (secret === null || client.secretHashes.some((hash) => hasSha256(secret, hash))) return client
    detail = `wrong secret for client "${clientId}"`
  }
  throw new OAuthError('invalid_client', 'client authentication failed', { detail })
}
