import type { Parts } from '../parts.ts'

export interface Cookie {
  readonly name: string
  readonly value: string
  /** Seconds; 0 takes the cookie away. */
  readonly maxAge: number
}

/** The cookies of a request; of two with one name the first counts, which is the one with the longer path. @spec RFC 6265 §5.4 */
export function readCookies(request: Request): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1) continue
    const name = pair.slice(0, equals).trim()
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim())
  }
  return cookies
}

type Place = Pick<Parts, 'issuer' | 'basePath'>

/** With `__Host-` where browsers accept it: no other host and no plain http can then set the cookie. @spec RFC 6265bis §4.1.3.2 */
export function cookieName({ issuer, basePath }: Place, name: string): string {
  return issuer.startsWith('https:') && basePath === '' ? `__Host-${name}` : name
}

/** A `Set-Cookie` value: never readable by script, never sent along with another site's POST or subresource. */
export function setCookie({ issuer, basePath }: Place, cookie: Cookie): string {
  const secure = issuer.startsWith('https:') ? '; Secure' : ''
  return `${cookie.name}=${cookie.value}; Path=${basePath === '' ? '/' : basePath}; Max-Age=${cookie.maxAge}; HttpOnly; SameSite=Lax${secure}`
}

/** A 303 that no cache keeps: whatever was asked, the next request is a GET. Headers hold ASCII alone. @spec RFC 9700 §4.12 */
export function seeOther(location: string, cookies: readonly string[] = []): Response {
  const headers = { location: location.replace(/[^\x21-\x7e]+/g, encodeURIComponent), 'cache-control': 'no-store' }
  return withCookies(new Response(null, { status: 303, headers }), cookies)
}

export function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}
