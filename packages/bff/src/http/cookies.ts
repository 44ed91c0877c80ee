/** Which cookies the BFF sets and under which names. */
export interface CookieJar {
  readonly sessionName: string
  /** One cookie a sign-in: this prefix and the start of its `state`. */
  readonly loginPrefix: string
  readonly secure: boolean
  readonly sameSite: 'Lax' | 'Strict'
}

/** The cookies of a `Cookie` header; of two with one name the first counts. @spec RFC 6265 §5.4 */
export function readCookies(header: string | null | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (header ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1) continue
    const name = pair.slice(0, equals).trim()
    if (!cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim())
  }
  return cookies
}

/** The first cookie of this name in a `Cookie` header, without a look at the others' values. @spec RFC 6265 §5.4 */
export function readCookie(header: string | null, name: string): string | undefined {
  for (let start = 0; header !== null && start < header.length; ) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon === -1 ? header.length : semicolon
    const equals = header.indexOf('=', start)
    if (equals !== -1 && equals < end && header.slice(start, equals).trim() === name) {
      return header.slice(equals + 1, end).trim()
    }
    start = end + 1
  }
  return undefined
}

/** A `Set-Cookie` value that no script can read. `maxAgeSeconds` 0 deletes; left out it lives as long as the browser. @spec RFC 6265 §4.1 */
export function setCookie(
  name: string,
  value: string,
  options: { readonly secure: boolean; readonly sameSite: 'Lax' | 'Strict'; readonly maxAgeSeconds?: number },
): string {
  const maxAge = options.maxAgeSeconds === undefined ? '' : `; Max-Age=${Math.floor(options.maxAgeSeconds)}`
  return `${name}=${value}; Path=/; HttpOnly; SameSite=${options.sameSite}${options.secure ? '; Secure' : ''}${maxAge}`
}

/**
 * `__Host-` makes the browser refuse the cookie from another host or without TLS, and where a browser knows
 * `__Host-Http-`, from a script too; older ones read its first half. Over plain http there is no such guard, and ports share cookies: the port in the name keeps two programs on one machine apart.
 * @spec RFC 6265bis §4.1.3.2
 */
export function cookieJar(options: {
  readonly baseUrl: URL
  readonly name: string
  readonly sameSite: 'lax' | 'strict'
}): CookieJar {
  const secure = options.baseUrl.protocol === 'https:'
  const name = secure ? `__Host-Http-${options.name}` : `${options.name}-${options.baseUrl.port || '80'}`
  return {
    sessionName: name,
    loginPrefix: `${name}-login-`,
    secure,
    sameSite: options.sameSite === 'strict' ? 'Strict' : 'Lax',
  }
}
