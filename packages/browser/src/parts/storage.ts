import type { AuthPart, SessionStorage } from '../auth-part.ts'
import { webStorage } from '../platform/web-storage.ts'

/**
 * Keeps the session in this tab's `sessionStorage`: a reload needs no provider. Any script of the origin can read it,
 * refresh token and all.
 */
export function keepInSessionStorage(): AuthPart {
  return { name: 'sessionStorage', storage: ({ name }) => webStorage('session', name) }
}

/** The same in `localStorage`: it outlives the browser, too. */
export function keepInLocalStorage(): AuthPart {
  return { name: 'localStorage', storage: ({ name }) => webStorage('local', name) }
}

/** Keeps the session wherever you say, synchronously or not; `name` is that of the configuration. */
export function keepIn(open: (name: string) => SessionStorage): AuthPart {
  return { name: 'storage', storage: ({ name }) => open(name) }
}
