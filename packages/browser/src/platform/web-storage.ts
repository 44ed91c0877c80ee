import type { SessionStorage } from '../auth-part.ts'

/** One record of `sessionStorage` or `localStorage`; where they are blocked nothing is kept. */
export function webStorage(which: 'session' | 'local', name: string): SessionStorage {
  const key = `${name}:kept`
  const open = () => (which === 'local' ? window.localStorage : window.sessionStorage)
  return {
    load: () => JSON.parse(open().getItem(key) ?? 'null'),
    save: (session) => open().setItem(key, JSON.stringify(session)),
    remove: () => open().removeItem(key),
  }
}
