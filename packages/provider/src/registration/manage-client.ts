import { type ClientMetadata, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { hasSha256 } from '../crypto.ts'
import type { EndpointRequest } from '../http/endpoint.ts'
import { readJson } from '../http/read-json.ts'
import { empty, json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { clientInformation } from './client-information.ts'
import { judgeClient } from './judge-client.ts'
import { managedClient } from './registration-token.ts'
import { requestedClient } from './requested-client.ts'
import { countedStatement, withSoftwareStatement } from './software-statement.ts'

interface Managed {
  readonly client: RegisteredClient
  /** The registration access token that was presented. */
  readonly token: string
  /** Below which each client has its own address. */
  readonly url: string
}

/** What a client may do with its own registration. @spec RFC 7592 §2 */
export async function manageClient(parts: Parts, asked: EndpointRequest, url: string): Promise<Response> {
  const proven = await managedClient(parts, asked.request, clientIdOf(asked))
  const managed: Managed = { ...proven, url }
  if (asked.request.method === 'PUT') return replace(parts, asked, managed)
  if (asked.request.method === 'DELETE') return remove(parts, asked, managed)
  return json(asked, describe(managed, managed.client, null))
}

function clientIdOf({ path }: EndpointRequest): string {
  try {
    return decodeURIComponent(path.split('/')[2] ?? '')
  } catch {
    return ''
  }
}

function describe({ token, url }: Managed, client: RegisteredClient, secret: string | null): object {
  return clientInformation({ metadata: client.metadata, createdAt: client.createdAt, secret, token, url })
}

/** What is left out is taken away or falls back to its default. @spec RFC 7592 §2.2 */
async function replace(parts: Parts, asked: EndpointRequest, managed: Managed): Promise<Response> {
  const { registration: settings, issuer, runtime } = parts
  const { client } = managed
  const { client_id: clientId } = client.metadata
  const members = await readJson(asked.request)
  checkOwnMembers(members, client)
  const stated = await withSoftwareStatement(settings, members, runtime.now())
  const wanted = requestedClient(settings, { clientId, members: stated, issuer })
  await judgeClient(parts, wanted)
  const { requestId } = asked
  if ((await parts.clients.update(wanted, client.version, { requestId })) !== 'updated') throw changedMeanwhile()
  const secret = await newSecret(parts, asked, { before: client, wanted })
  const after = await parts.clients.find(clientId)
  if (after === null) throw changedMeanwhile()
  return json(asked, { ...describe(managed, after, secret), ...countedStatement(settings, members) })
}

/** @spec RFC 7592 §2.2 */
function checkOwnMembers(members: Readonly<Record<string, unknown>>, client: RegisteredClient): void {
  if (members.client_id !== client.metadata.client_id)
    throw new OAuthError('invalid_client_metadata', 'client_id must be the one of this registration')
  for (const name of [
    'registration_access_token',
    'registration_client_uri',
    'client_secret_expires_at',
    'client_id_issued_at',
  ])
    if (name in members) throw new OAuthError('invalid_client_metadata', `${name} must be left out`)
  const { client_secret: secret } = members
  if (secret === undefined || secret === null) return
  if (typeof secret !== 'string' || !client.secretHashes.some((hash) => hasSha256(secret, hash)))
    throw new OAuthError(
      'invalid_client_metadata',
      'client_secret is not the one of this client: the server chooses it',
    )
}

/** A secret where there is none yet, or another when `?rotate=client_secret` asks for it. */
async function newSecret(
  parts: Parts,
  { query, requestId }: EndpointRequest,
  { before, wanted }: { before: RegisteredClient; wanted: ClientMetadata },
): Promise<string | null> {
  const hasNone = wanted.token_endpoint_auth_method !== 'none' && before.secretHashes.length === 0
  const asked = wanted.token_endpoint_auth_method !== 'none' && query.split('&').includes('rotate=client_secret')
  if (!hasNone && !asked) return null
  const renewed = await parts.clients.renewSecret(wanted.client_id, before.version + 1, { requestId })
  if (renewed.outcome !== 'renewed') throw changedMeanwhile()
  return renewed.secret
}

function changedMeanwhile(): OAuthError {
  return new OAuthError('temporarily_unavailable', 'someone else changed this client just now: read it again', {
    retryAfterSeconds: 1,
  })
}

/** Its tokens end with it. @spec RFC 7592 §2.3 */
async function remove(parts: Parts, asked: EndpointRequest, { client }: Managed): Promise<Response> {
  const { requestId } = asked
  await parts.clients.delete(client.metadata.client_id, { requestId })
  return empty(asked, 204)
}
