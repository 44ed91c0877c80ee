import { endSessionUrl } from '@latchkey/client'
import { encodeBase64url } from '@latchkey/protocol'
import type { SignOutOptions } from './auth.ts'
import type { Parts } from './parts.ts'
import type { EndReason, Session } from './session.ts'

/**
 * Ends the session: first here and in every tab, then the refresh token at the provider as well as may be, then the
 * provider's own session. The provider being away keeps nobody signed in here.
 * @spec RP-Initiated Logout §2; RFC 7009 §2.1
 */
export async function signOut(parts: Parts, options: SignOutOptions = {}): Promise<void> {
  const { holder, platform, requests, events } = parts
  const where = options.where ?? (options.local === true ? 'browser' : 'everywhere')
  const session = holder.current()
  if (where === 'tab') {
    if (session !== null) holder.leave(session.family)
    return holder.declareAnonymous('signed-out')
  }
  if (session === null) holder.declareAnonymous('signed-out')
  else endSession(parts, session, 'signed-out')
  if (where === 'browser') return
  const refreshToken = session?.tokens.refreshToken ?? null
  const leaving = leaveUrl(parts, session, options).catch(() => null)
  if (refreshToken !== null && options.revoke !== false) {
    await requests.revoke(refreshToken, 'refresh_token').catch(() => false)
  }
  const url = await leaving
  if (url === null) return
  events.emit({ type: 'leaving', to: 'sign-out' })
  if (options.method !== 'POST') return platform.page.assign(url)
  const { origin, pathname, searchParams } = new URL(url)
  platform.page.submit(origin + pathname, Object.fromEntries(searchParams))
}

/** The address that ends the provider's session; who comes back from there is known to have signed out. */
export async function leaveUrl(
  { platform, settings, connection, logins }: Parts,
  session: Session | null,
  options: SignOutOptions = {},
): Promise<string | null> {
  const state = encodeBase64url(platform.runtime.randomBytes(16))
  const address = await endSessionUrl(connection, {
    idToken: session?.tokens.idToken ?? null,
    postLogoutRedirectUri: options.postLogoutRedirectUri ?? settings.postLogoutRedirectUri,
    state,
  })
  if (address === null) return null
  const url = new URL(address)
  for (const [name, value] of Object.entries(options.extraParameters ?? {})) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, value)
  }
  logins.rememberLogout(state)
  return url.href
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
  if (revoked !== null) await parts.requests.revoke(revoked, kind)
  if (session === null || (token !== undefined && token !== own)) return
  if (kind === 'refresh_token') endSession(parts, session, 'revoked')
  else spendAccessToken(parts, session)
}

/** Here and in every tab. */
export function endSession(
  { holder, tabs }: Pick<Parts, 'holder' | 'tabs'>,
  session: Session,
  reason: EndReason,
): void {
  holder.end(session.family, reason, true)
  tabs.announceEnd(session.family, reason)
}

function spendAccessToken({ platform, holder, tabs }: Parts, session: Session): void {
  const spent = { ...session, tokens: { ...session.tokens, expiresAt: platform.runtime.now() } }
  if (holder.adopt(spent)) tabs.announce(spent)
}
