import { isRecord } from './session.ts'

/** What a static page posts; anything else that our own origin posts is not for us. */
export function callbackOf(data: unknown, type: string, redirectUri: string): URLSearchParams | null {
  if (!isRecord(data) || data.type !== type || typeof data.url !== 'string') return null
  if (!URL.canParse(data.url)) return null
  const url = new URL(data.url)
  const expected = new URL(redirectUri)
  return url.origin === expected.origin && url.pathname === expected.pathname ? url.searchParams : null
}
