import { type Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'
import type { AuthenticatedClient, Presentation, Presented } from './client-auth-method.ts'
import { signedWithSecret } from './client-secret-jwt.ts'
import { isClientSecret } from './client-secrets.ts'
import { clientAuthMethods } from './index.ts'

interface Asking {
  readonly request: Request
  readonly form: Form
}

const presentations: readonly Presentation[] = [...new Set(clientAuthMethods.map(({ presentation }) => presentation))]

/**
 * The client that sent the request, proven. An unknown client and a wrong proof look the same from outside.
 * @throws OAuthError `invalid_client` when it does not prove who it is, `invalid_request` when it tries two ways at once,
 * `temporarily_unavailable` when too many wrong secrets came from where it is
 * @spec RFC 6749 §2.3, §2.3.1, §3.2.1
 */
export async function authenticateClient(parts: Parts, asking: Asking): Promise<AuthenticatedClient> {
  const { presentation, readings } = readPresented(asking)
  let known: { detail: string; clientId?: string } = { detail: 'unknown client' }
  let isGuess = true
  for (const presented of readings) {
    const client = await parts.clients.find(presented.clientId)
    if (guessed(presented) !== undefined) parts.wrongSecrets.check(presented.clientId, asking.request)
    if (client === null) continue
    const refuted = refute(parts, { client, presented, presentation, request: asking.request })
    const wrong = refuted instanceof Promise ? await refuted : refuted
    if (wrong === null) return named(client, asking.form)
    known = { detail: wrong, clientId: presented.clientId }
    if (presented.assertion !== undefined && signedWithSecret(parts, client, presented.assertion)) isGuess = false
  }
  if (isGuess) await countGuess(parts, { readings, clientId: known.clientId, request: asking.request })
  throw new OAuthError('invalid_client', 'client authentication failed', known)
}

interface Guessing {
  readonly readings: readonly Presented[]
  /** Of the client, where it is one of ours. */
  readonly clientId: string | undefined
  readonly request: Request
}

/** @spec RFC 6749 §2.3.1 */
async function countGuess(parts: Parts, { readings, clientId, request }: Guessing): Promise<void> {
  const [first] = readings
  const sent = first === undefined ? undefined : guessed(first)
  if (first === undefined || sent === undefined) return
  const isKnown = clientId !== undefined
  await parts.wrongSecrets.count(parts, { clientId: clientId ?? first.clientId, request, sent, isKnown })
}

/** What somebody who guesses at a secret sends: the secret, or a signature made with it. */
function guessed({ secret, assertion }: Presented): string | undefined {
  return secret ?? (assertion?.alg.startsWith('HS') === true ? assertion.signature : undefined)
}

function named(client: RegisteredClient, form: Form): AuthenticatedClient {
  const id = form.get('client_id')
  if (id !== undefined && id !== client.metadata.client_id) {
    throw new OAuthError('invalid_request', 'client_id in the body is not the client that authenticated')
  }
  return client as AuthenticatedClient
}

function readPresented({ request, form }: Asking): { presentation: Presentation; readings: readonly Presented[] } {
  let found: { presentation: Presentation; readings: readonly Presented[] } | undefined
  for (const presentation of presentations) {
    const readings = presentation.read(request, form)
    if (readings === null) continue
    if (found !== undefined) {
      const both = `${found.presentation.name} and ${presentation.name}`
      throw new OAuthError('invalid_request', `the client authenticates twice: ${both}`)
    }
    found = { presentation, readings }
  }
  if (found === undefined) throw new OAuthError('invalid_client', 'the request names no client')
  return found
}

interface Trying {
  readonly client: RegisteredClient
  readonly presented: Presented
  readonly presentation: Presentation
  readonly request: Request
}

/** By the one method the client registered: a weaker one never stands in for it. @spec OIDC Registration §2; RFC 9700 §2.5 */
function refute(
  parts: Parts,
  { client, presented, presentation, request }: Trying,
): Promise<string | null> | string | null {
  const { client_id: id, token_endpoint_auth_method: registered } = client.metadata
  const method = clientAuthMethods.find((each) => each.name === registered && each.presentation === presentation)
  if (method === undefined) {
    // Who knows the secret may be told what is wrong; nobody else.
    if (presented.secret !== undefined && isClientSecret(client, presented.secret, parts.runtime.now())) {
      throw new OAuthError('invalid_client', `this client is registered for ${registered}, not ${presentation.name}`)
    }
    return `client "${id}" is registered for ${registered}, and presented ${presentation.name}`
  }
  if (method.available?.(parts) === false) return `${method.name} is not set up at this server`
  return method.refute(parts, { client, presented, request })
}
