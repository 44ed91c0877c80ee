import type { LoginTransaction } from '@latchkey/client'
import type { Runtime } from '@latchkey/protocol'
import { deriveKey, open, type PrivateJwk, seal } from '../crypto.ts'
import { type CookieJar, setCookie } from '../http/cookies.ts'
import type { Settings } from '../settings.ts'

/** A sign-in under way, kept in a cookie of its own: as many at once as tabs are open. */
export interface PendingLogin extends LoginTransaction {
  readonly returnUrl: string
  /** What the code and the session's tokens are bound to. @spec RFC 9449 §10 */
  readonly dpopKey?: PrivateJwk
}

export interface LoginCookies {
  /** The cookie to set; and those to clear, when too many sign-ins were begun and never ended. */
  begin(login: PendingLogin, cookies: ReadonlyMap<string, string>): readonly string[]
  /** The sign-in that `state` belongs to, in this very browser; null when it has none or it is too old. */
  find(state: string, cookies: ReadonlyMap<string, string>): PendingLogin | null
  clear(state: string): string
}

/** Together they have to stay below what servers take as a header. */
const mostAtOnce = 8

export function createLoginCookies(settings: Settings, runtime: Runtime): LoginCookies {
  const { jar, loginSeconds } = settings
  const keys = settings.sessionKeys.map(({ bytes }) => deriveKey(bytes, 'latchkey bff login transaction v1'))
  // As strict as the session's: the callback asks for it from a page of our own site.
  const options = { secure: jar.secure, sameSite: jar.sameSite } as const

  const read = (name: string, value: string | undefined): PendingLogin | null => {
    if (value === undefined) return null
    for (const key of keys) {
      const text = open(key, value, name)
      if (text !== null) return JSON.parse(text) as PendingLogin
    }
    return null
  }
  return {
    begin(login, cookies) {
      const name = nameOf(jar, login.state)
      const [key] = keys
      if (key === undefined) return []
      const value = seal(key, JSON.stringify(login), { context: name, runtime })
      return [
        setCookie(name, value, { ...options, maxAgeSeconds: loginSeconds }),
        ...abandoned(jar, cookies, read).map((old) => setCookie(old, '', { ...options, maxAgeSeconds: 0 })),
      ]
    },
    find(state, cookies) {
      const login = read(nameOf(jar, state), cookies.get(nameOf(jar, state)))
      if (login === null || login.state !== state || login.createdAt + loginSeconds <= runtime.now()) return null
      return login
    },
    clear: (state) => setCookie(nameOf(jar, state), '', { ...options, maxAgeSeconds: 0 }),
  }
}

function nameOf(jar: CookieJar, state: string): string {
  return jar.loginPrefix + state.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 16)
}

/** The oldest beyond `mostAtOnce`, and whatever cannot be read. */
function abandoned(
  jar: CookieJar,
  cookies: ReadonlyMap<string, string>,
  read: (name: string, value: string) => PendingLogin | null,
): readonly string[] {
  return [...cookies]
    .filter(([name]) => name.startsWith(jar.loginPrefix))
    .map(([name, value]) => ({ name, createdAt: read(name, value)?.createdAt ?? 0 }))
    .sort((a, b) => b.createdAt - a.createdAt)
    .filter(({ createdAt }, index) => index >= mostAtOnce - 1 || createdAt === 0)
    .map(({ name }) => name)
}
