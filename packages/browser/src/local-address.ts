/** What a provider adds to the redirect URI. @spec RFC 6749 §4.1.2; RFC 9207 §2; OIDC Session Management §2 */
const responseParameters = ['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'session_state']

/** Path, query and fragment of `address` when it is on the origin of `page`; null when it leads anywhere else. */
export function localAddress(address: string, page: string): string | null {
  if (!URL.canParse(address, page)) return null
  const url = new URL(address, page)
  if (url.origin !== new URL(page).origin || url.username !== '' || url.password !== '') return null
  // `//host` as a path would be read as another host by whoever resolves it next.
  return `${url.pathname.replace(/^\/{2,}/, '/')}${url.search}${url.hash}`
}

/** The address without the parameters of an authorization response; the app's own stay as they were written. */
export function withoutResponse(href: string): string {
  const [, address = '', query = '', hash = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(href) ?? []
  const kept = query.split('&').filter((pair) => {
    const [name = ''] = pair.split('=', 1)
    return pair !== '' && !responseParameters.includes(name)
  })
  return `${address}${kept.length > 0 ? `?${kept.join('&')}` : ''}${hash}`
}

/** The authorization response in this address, when it is the redirect URI and has one. @spec RFC 6749 §4.1.2 */
export function readResponse(href: string, redirectUri: string): URLSearchParams | null {
  const here = new URL(href)
  const there = new URL(redirectUri)
  if (here.origin !== there.origin || here.pathname !== there.pathname) return null
  const { searchParams } = here
  return searchParams.has('state') && (searchParams.has('code') || searchParams.has('error')) ? searchParams : null
}
