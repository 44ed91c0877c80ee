import { isCurrentAt, revokeToken, type TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import { sha256 } from '../crypto.ts'
import { type TokenTarget, targetKey, viewOf } from './held-tokens.ts'
import { takenOver } from './refresh-lease.ts'
import type { Session } from './sessions.ts'

export interface UserAccessTokenOptions extends TokenTarget {
  /** Renews even a token that is still valid. */
  readonly forceRenewal?: boolean
  /** The token that an API has refused: where the session holds another one already, that is the answer. */
  readonly rejected?: string
  /** Ends the caller's wait, never a renewal that others wait for too. */
  readonly signal?: AbortSignal | undefined
}

/** A token is renewed before its end while the old one serves: this part of its life, at most so many seconds. */
const aheadShare = 0.1
const longestAheadSeconds = 30

/**
 * A current token set of the signed-in person for one audience and scope.
 * @throws ProtocolError `not_signed_in`, `session_unreadable` (401), or `unreachable` (503) when it expired and the
 * provider cannot renew it for now.
 */
export async function currentTokens(session: Session | null, options: UserAccessTokenOptions = {}): Promise<TokenSet> {
  const opened = session === null ? null : await session.open()
  if (session === null || opened === null) throw new ProtocolError('not_signed_in', 'nobody is signed in: sign in')
  const { held } = opened
  const target = targetOf(options)
  const view = viewOf(held, targetKey(target))
  const rejected = options.rejected ?? (options.forceRenewal === true ? view.accessToken : undefined)
  const manager = session.tokens(target)
  const now = session.connection.runtime.now()
  const isOther = rejected === undefined || view.accessToken !== rejected
  if (isOther && isCurrentAt(view, now)) {
    if (isDueSoon(session.hash, view, now)) manager.renew(view.accessToken).catch(() => undefined)
    return view
  }
  const wait = options.signal === undefined ? {} : { signal: options.signal }
  const tokens = rejected === undefined ? await manager.get(wait) : await manager.renew(rejected, wait)
  if (tokens === null || tokens.refreshToken === null) return usable(tokens, session)
  if (tokens.expiresAt > session.connection.runtime.now()) return tokens
  // Somebody renewed for another audience between our request and its refusal: this audience has its turn now.
  return usable(await manager.renew(tokens.accessToken, wait), session)
}

function usable(tokens: TokenSet | null, session: Session): TokenSet {
  if (tokens === null || (tokens.accessToken === '' && tokens.refreshToken === null)) {
    throw new ProtocolError('not_signed_in', 'the access was taken back or has expired: sign in again')
  }
  if (tokens.expiresAt <= session.connection.runtime.now()) throw takenOver()
  return tokens
}

/** Sessions differ in when they renew ahead, so that those that began together do not ask together. */
function isDueSoon(hash: string, { issuedAt, expiresAt, refreshToken }: TokenSet, now: number): boolean {
  if (refreshToken === null) return false
  const ahead = Math.min(longestAheadSeconds, (expiresAt - issuedAt) * aheadShare)
  if (expiresAt - now > ahead) return false
  const jitter = 0.5 + (Number.parseInt(sha256(`${hash}${issuedAt}`).slice(0, 2), 36) || 0) / (2 * 36 ** 2)
  return expiresAt - now <= ahead * jitter
}

function targetOf({ resource, scope, dpop }: TokenTarget): TokenTarget {
  return {
    ...(resource === undefined ? {} : { resource }),
    ...(scope === undefined ? {} : { scope }),
    ...(dpop === true ? { dpop } : {}),
  }
}

/**
 * Takes the refresh token back at the provider, and with it what was given on its strength: every access token is
 * dropped here too. The person stays signed in at the BFF. @spec RFC 7009 §2.1
 */
export async function revokeSessionTokens(session: Session | null): Promise<void> {
  if (session === null) throw new ProtocolError('not_signed_in', 'nobody is signed in: sign in')
  await session.host.exclusive(async () => {
    const opened = await session.host.read()
    if (opened === null) throw new ProtocolError('not_signed_in', 'nobody is signed in: sign in')
    if (opened.held.refreshToken === null) return
    await revokeToken(session.connection, opened.held.refreshToken, 'refresh_token')
    await session.host.commit({ ...opened.held, access: {}, refreshToken: null })
  })
}
