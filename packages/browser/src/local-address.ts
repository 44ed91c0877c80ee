/** What a provider adds to the redirect URI. @spec RFC 6749 §4.1.2; RFC 9207 §2; OIDC Session Management §2 */
const ofResponse = /^((code|state|iss|error|error_description|error_uri|session_state)(=|$)|$)/

/** Path, query and fragment of `address` when it is on the origin of `page`; null when it leads anywhere else. */
export function localAddress(address: string, page: string): string | null {
  try {
    const { origin, username, password, pathname, search, hash } = new URL(address, page)
    if (origin !== new URL(page).origin || username || password) return null
    // `//host` as a path would be read as another host by whoever resolves it next.
    return pathname.replace(/^\/+/, '/') + search + hash
  } catch {
    return null
  }
}

/** The address without the parameters of an authorization response; the app's own stay as they were written. */
export function withoutResponse(href: string): string {
  const url = new URL(href)
  const pairs = url.search.slice(1).split('&')
  url.search = pairs.filter((pair) => !ofResponse.test(pair)).join('&')
  return url.href
}

/** The authorization response in this address, when it is the redirect URI and has one. @spec RFC 6749 §4.1.2 */
export function readResponse(href: string, redirectUri: string): URLSearchParams | null {
  const { origin, pathname, searchParams } = new URL(href)
  const there = new URL(redirectUri)
  const isResponse = searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'))
  return isResponse && origin + pathname === there.origin + there.pathname ? searchParams : null
}
