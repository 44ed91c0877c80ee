import { OAuthError, parseAuthorizationHeader } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { hasSha256, sha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { RegistrationSettings } from './registration-options.ts'

/** The Bearer token of a request, or null. @spec RFC 6750 §2.1 */
function bearerToken(request: Request): string | null {
  const header = parseAuthorizationHeader(request.headers.get('authorization'))
  return header.scheme === 'bearer' ? header.credentials : null
}

/**
 * Whether the request has an initial access token. @throws OAuthError `invalid_token` for a wrong one, and where there
 * has to be one and is none @spec RFC 7591 §3
 */
export function hasInitialAccessToken(settings: RegistrationSettings, request: Request): boolean {
  const token = bearerToken(request)
  if (token === null && settings.mode === 'open') return false
  const known = token !== null && settings.initialAccessTokenHashes.filter((hash) => hasSha256(token, hash)).length > 0
  if (known) return true
  const why = token === null ? 'an initial access token is needed to register' : 'the initial access token is unknown'
  throw new OAuthError('invalid_token', why)
}

export function newRegistrationToken({ runtime }: Pick<Parts, 'runtime'>): { token: string; hash: string } {
  const token = Buffer.from(runtime.randomBytes(32)).toString('base64url')
  return { token, hash: sha256(token) }
}

/**
 * The client that the request may read and change, with the token that proved it.
 * @throws OAuthError `invalid_token`, the same whether the client is unknown or the token wrong
 * @spec RFC 7592 §2
 */
export async function managedClient(
  parts: Pick<Parts, 'clients'>,
  request: Request,
  clientId: string,
): Promise<{ client: RegisteredClient; token: string }> {
  const token = bearerToken(request)
  const client = token === null ? null : await parts.clients.find(clientId)
  const hash = client?.registrationTokenHash
  if (token !== null && client !== null && hash !== undefined && hasSha256(token, hash)) return { client, token }
  throw new OAuthError('invalid_token', 'the registration access token is not one of this client')
}
