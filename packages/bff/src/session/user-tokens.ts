import { revokeToken, type TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { Session } from './sessions.ts'

export interface UserAccessTokenOptions {
  /** Renews even a token that is still valid. */
  readonly forceRenewal?: boolean
  /** The token that an API has refused: where the session holds another one already, that is the answer. */
  readonly rejected?: string
  /** Ends the caller's wait, never a renewal that others wait for too. */
  readonly signal?: AbortSignal
}

/**
 * A current token set of the signed-in person.
 * @throws ProtocolError `not_signed_in`, `session_unreadable` (401), or `unreachable` (503) when it expired and the
 * provider cannot renew it for now.
 */
export async function currentTokens(session: Session | null, options: UserAccessTokenOptions = {}): Promise<TokenSet> {
  const opened = session === null ? null : await session.open()
  if (session === null || opened === null) throw new ProtocolError('not_signed_in', 'nobody is signed in: sign in')
  const wait = options.signal === undefined ? {} : { signal: options.signal }
  const rejected = options.rejected ?? (options.forceRenewal === true ? opened.tokens.accessToken : undefined)
  const tokens = rejected === undefined ? await session.tokens.get(wait) : await session.tokens.renew(rejected, wait)
  if (tokens === null || tokens.accessToken === '') {
    throw new ProtocolError('not_signed_in', 'the access was taken back or has expired: sign in again')
  }
  return tokens
}

/**
 * Takes the refresh token back at the provider, and with it what was given on its strength: the access token is
 * dropped here too. The person stays signed in at the BFF. @spec RFC 7009 §2.1
 */
export async function revokeSessionTokens(session: Session | null): Promise<void> {
  if (session === null) throw new ProtocolError('not_signed_in', 'nobody is signed in: sign in')
  await session.host.exclusive(async () => {
    const tokens = await session.host.load()
    if (tokens === null) throw new ProtocolError('not_signed_in', 'nobody is signed in: sign in')
    if (tokens.refreshToken === null) return
    await revokeToken(session.connection, tokens.refreshToken, 'refresh_token')
    await session.host.save({ ...tokens, accessToken: '', issuedAt: 0, expiresAt: 0, refreshToken: null })
  })
}
