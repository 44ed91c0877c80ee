import type { AuthPart, SessionStorage } from '../auth-part.ts'
import { webStorage } from '../platform/web-storage.ts'
import { createKeptSession } from './kept-session.ts'

/**
 * Keeps the session in this tab's `sessionStorage`: a reload needs no provider. Any script of the origin can read it,
 * refresh token and all.
 */
export function keepInSessionStorage(): AuthPart {
  return {
    keep: ({ name }, _platform, holder) => createKeptSession(webStorage('session', name), holder),
  }
}

/** The same in `localStorage`: it outlives the browser, too. */
export function keepInLocalStorage(): AuthPart {
  return {
    keep: ({ name }, _platform, holder) => createKeptSession(webStorage('local', name), holder),
  }
}

/** Keeps the session wherever you say, synchronously or not; `name` is that of the configuration. */
export function keepIn(open: (name: string) => SessionStorage): AuthPart {
  return { keep: ({ name }, _platform, holder) => createKeptSession(open(name), holder) }
}
