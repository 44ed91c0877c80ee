import { endSessionUrl, revokeToken } from '@latchkey/client'
import { encodeBase64url } from '@latchkey/protocol'
import type { Parts } from './parts.ts'
import type { Session } from './session.ts'

/**
 * Ends the session: first here and in every tab, then the refresh token at the provider as well as may be, then the
 * provider's own session. The provider being away keeps nobody signed in here.
 * @spec RP-Initiated Logout §2; RFC 7009 §2.1
 */
export async function signOut(parts: Parts, options: { local?: boolean } = {}): Promise<void> {
  const { platform, settings, connection, logins } = parts
  const session = parts.holder.current()
  if (session === null) parts.holder.declareAnonymous('signed-out')
  else endSession(parts, session, 'signed-out')
  if (options.local === true) return
  const refreshToken = session?.tokens.refreshToken ?? null
  if (refreshToken !== null) await revokeToken(connection, refreshToken, 'refresh_token').catch(() => false)
  const state = encodeBase64url(platform.runtime.randomBytes(16))
  const url = await endSessionUrl(connection, {
    idToken: session?.tokens.idToken ?? null,
    postLogoutRedirectUri: settings.postLogoutRedirectUri,
    state,
  }).catch(() => null)
  if (url === null) return
  logins.rememberLogout(state)
  platform.page.assign(url)
}

/**
 * Revokes at the provider. The refresh token takes the session with it, in every tab; the access token is spent
 * everywhere at once and the next caller gets a new one.
 * @throws ProtocolError `unreachable` when the provider cannot be asked; then nothing changes here.
 * @spec RFC 7009 §2.1
 */
export async function revoke(parts: Parts, kind: 'access_token' | 'refresh_token', token?: string): Promise<void> {
  const session = parts.holder.current()
  const own = kind === 'access_token' ? session?.tokens.accessToken : session?.tokens.refreshToken
  const revoked = token ?? own ?? null
  if (revoked !== null) await revokeToken(parts.connection, revoked, kind)
  if (session === null || (token !== undefined && token !== own)) return
  if (kind === 'refresh_token') endSession(parts, session, 'revoked')
  else spendAccessToken(parts, session)
}

function endSession({ holder, tabs }: Parts, session: Session, reason: 'revoked' | 'signed-out'): void {
  holder.end(session.family, reason, true)
  tabs.announceEnd(session.family, reason)
}

function spendAccessToken({ platform, holder, tabs }: Parts, session: Session): void {
  const spent = { ...session, tokens: { ...session.tokens, expiresAt: platform.runtime.now() } }
  if (holder.adopt(spent)) tabs.announce(spent)
}
