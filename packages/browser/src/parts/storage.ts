import type { AuthPart, SessionStorage } from '../auth-part.ts'
import { webStorage } from '../platform/web-storage.ts'
import { shareByStorage } from './kept-session.ts'

/**
 * Keeps the session in this tab's `sessionStorage`: a reload needs no provider. Any script of the origin can read it,
 * refresh token and all.
 */
export function keepInSessionStorage(): AuthPart {
  return {
    keep: ({ name }, _platform, shared) => shareByStorage(webStorage('session', name), shared),
  }
}

/** The same in `localStorage`: it outlives the browser, too. */
export function keepInLocalStorage(): AuthPart {
  return {
    keep: ({ name }, _platform, shared) => shareByStorage(webStorage('local', name), shared),
  }
}

/** Keeps the session wherever you say, synchronously or not; `name` is that of the configuration. */
export function keepIn(open: (name: string) => SessionStorage): AuthPart {
  return { keep: ({ name }, _platform, shared) => shareByStorage(open(name), shared) }
}
