import { type Cookie, cookieName } from '../authorization/cookies.ts'
import { mac, sha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { SessionRecord } from '../store/store.ts'

/** The cookie that the check-session frame reads: it changes when the session does and says nothing of it. */
const name = 'latchkey_browser_state'

type Place = Pick<Parts, 'issuer' | 'basePath'>

export function browserStateCookieName(place: Place): string {
  return cookieName(place, name)
}

function browserState({ formKey }: Pick<Parts, 'formKey'>, { sid }: Pick<SessionRecord, 'sid'>): string {
  return mac(formKey, `browser state ${sid}`)
}

/** What to send as `Set-Cookie` with a new session. */
export function browserStateCookie(parts: Place & Pick<Parts, 'formKey' | 'runtime'>, session: SessionRecord): string {
  const value = browserState(parts, session)
  const maxAge = Math.max(0, session.expiresAt - Math.floor(parts.runtime.now()))
  return setScriptCookie(parts, { name: browserStateCookieName(parts), value, maxAge })
}

export function endBrowserState(place: Place): string {
  return setScriptCookie(place, { name: browserStateCookieName(place), value: '', maxAge: 0 })
}

/** Not HttpOnly: the frame's script compares it. `None`, since the frame stands in pages of other sites. @spec Session Management §3.2 */
function setScriptCookie({ issuer, basePath }: Place, { name: cookie, value, maxAge }: Cookie): string {
  const reach = issuer.startsWith('https:') ? 'SameSite=None; Secure' : 'SameSite=Lax'
  return `${cookie}=${value}; Path=${basePath === '' ? '/' : basePath}; Max-Age=${maxAge}; ${reach}`
}

/**
 * What the client hands to the check-session frame, bound to the client and the origin that asks; null for a redirect
 * URI without an origin, whose application has no frame. @spec Session Management §2, §3.2
 */
export function sessionState(
  parts: Pick<Parts, 'formKey' | 'runtime'>,
  { clientId, redirectUri }: { clientId: string; redirectUri: string },
  session: Pick<SessionRecord, 'sid'>,
): string | null {
  const { origin } = new URL(redirectUri)
  if (origin === 'null') return null
  const salt = Buffer.from(parts.runtime.randomBytes(12)).toString('base64url')
  return `${sha256(`${clientId} ${origin} ${browserState(parts, session)} ${salt}`)}.${salt}`
}
