/** What is wrong with an issuer identifier, each with its fix. @spec RFC 8414 §2; OIDC Discovery §3 */
export function* issuerProblems(issuer: string): Generator<string> {
  const url = readUrl(issuer)
  if (url === undefined) return yield `issuer: "${issuer}" is no URL; write one such as https://id.example.com`
  if (!isSecureUrl(issuer)) {
    yield `issuer: use https (http is for loopback addresses only), not "${issuer}"`
  }
  if (url.search !== '') yield 'issuer: remove the query'
  if (url.hash !== '') yield 'issuer: remove the fragment'
  if (url.username !== '' || url.password !== '') yield 'issuer: remove the user name and password'
  if (issuer.endsWith('/')) yield 'issuer: remove the slash at the end'
}

/** Undefined where the text is none. Pages cannot use `URL.canParse`: browsers have it since the end of 2023 only. */
export function readUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

/** Whether what goes there stays between the two: https, or http to a loopback address. @spec RFC 8252 §7.3, §8.3 */
export function isSecureUrl(url: unknown): url is string {
  const read = typeof url === 'string' && readUrl(url)
  return !!read && (read.protocol === 'https:' || (read.protocol === 'http:' && isLoopbackHost(read.hostname)))
}

/** `localhost`, `*.localhost`, 127.0.0.0/8 or ::1. @spec RFC 8252 §7.3; RFC 6761 §6.3 */
export function isLoopbackHost(hostname: string): boolean {
  return /^((.*\.)?localhost|\[::1]|127(\.\d{1,3}){3})$/.test(hostname)
}

/** Where OpenID Connect Discovery puts the metadata. @spec OIDC Discovery §4 */
export function openidConfigurationUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

/** Where RFC 8414 puts it: the well-known part goes between host and path. @spec RFC 8414 §3.1 */
export function authorizationServerMetadataUrl(issuer: string): string {
  const url = new URL(issuer)
  return `${url.origin}/.well-known/oauth-authorization-server${url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')}`
}
