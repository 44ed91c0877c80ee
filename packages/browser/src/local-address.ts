import { readUrl } from '@latchkey/protocol'

/** Path, query and fragment of `address` when it is on the origin of `page`; null when it leads anywhere else. */
export function localAddress(address: string, page: string): string | null {
  const { origin } = new URL(page)
  try {
    const { href } = new URL(address, page)
    // A user name would stand before the host. `//host` as a path would be read as another host by whoever resolves it next.
    return href.startsWith(`${origin}/`) ? href.slice(origin.length).replace(/^\/+/, '/') : null
  } catch {
    return null
  }
}

/** The address without the parameters of an authorization response; the app's own stay as they were written. */
export function withoutResponse(href: string): string {
  /** What a provider adds to the redirect URI. @spec RFC 6749 §4.1.2; RFC 9207 §2; OIDC Session Management §2 */
  const ofResponse = /^((code|(session_)?state|iss|error(_description|_uri)?)(=|$)|$)/
  const url = new URL(href)
  const pairs = url.search.slice(1).split('&')
  url.search = pairs.filter((pair) => !ofResponse.test(pair)).join('&')
  return url.href
}

/** The authorization response in this address, when it is the redirect URI and has one. @spec RFC 6749 §4.1.2 */
export function readResponse(href: string, redirectUri: string): URLSearchParams | null {
  const query = queryAt(href, redirectUri)
  return query?.has('state') && (query.has('code') || query.has('error')) ? query : null
}

/** The query of what leads to the redirect URI; null for anything else. */
export function queryAt(href: string, redirectUri: string): URLSearchParams | null {
  const url = readUrl(href)
  const there = new URL(redirectUri)
  return url && url.origin + url.pathname === there.origin + there.pathname ? url.searchParams : null
}
