import { endSessionUrl } from '@latchkey/client'
import { encodeBase64url } from '@latchkey/protocol'
import type { SignOutOptions } from './auth.ts'
import { given } from './given.ts'
import { endSession, type Parts, takeSession } from './parts.ts'

/**
 * Ends the session: first here and in every tab, then the refresh token at the provider as well as may be, then the
 * provider's own session. The provider being away keeps nobody signed in here.
 * @spec RP-Initiated Logout §2; RFC 7009 §2.1
 */
export async function signOut(parts: Parts, options: SignOutOptions = {}): Promise<void> {
  const { holder, requests, page } = parts
  const { local, where = local ? 'browser' : 'everywhere', method, revoke: revokes = true } = options
  const session = holder.current()
  // Asked for while it is known whose session it is.
  const leaving = where === 'everywhere' && leaveUrl(parts, options).catch(() => null)
  let ended: Promise<void> | undefined
  if (!session) holder.declareAnonymous('signed-out')
  else if (where === 'tab') holder.end(session.family, 'left')
  else ended = endSession(parts, session, 'signed-out')
  const refreshToken = leaving && revokes && session?.tokens.refreshToken
  const revoked = refreshToken && requests.revoke(refreshToken, 'refresh_token').catch(() => {})
  const [url] = await Promise.all([leaving, revoked, ended])
  if (!url) return
  parts.emit({ type: 'leaving', to: 'sign-out' })
  if (method !== 'POST') return page.assign(url)
  const [action = '', query] = url.split('?')
  page.submit(action, Object.fromEntries(new URLSearchParams(query)))
}

/** The address that ends the provider's session; who comes back from there is known to have signed out. */
export async function leaveUrl(parts: Parts, options: SignOutOptions = {}): Promise<string | null> {
  const { runtime, settings, holder, connection, logins } = parts
  const state = encodeBase64url(runtime.randomBytes(16))
  const address = await endSessionUrl(connection, {
    postLogoutRedirectUri: settings.postLogoutRedirectUri,
    ...given(options),
    idToken: holder.current()?.tokens.idToken ?? null,
    state,
  })
  if (address) logins.remember('logout', state)
  return address
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
  const revoked = token ?? own
  if (revoked) await parts.requests.revoke(revoked, kind)
  if (!session || revoked !== own) return
  if (kind === 'refresh_token') return endSession(parts, session, 'revoked')
  const expiresAt = parts.runtime.now()
  await takeSession(parts, { ...session, tokens: { ...session.tokens, expiresAt } })
}
