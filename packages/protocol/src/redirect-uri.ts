import { isLoopbackHost } from './issuer.ts'

/** What is wrong with a redirect URI that someone wants to register. @spec RFC 6749 §3.1.2; RFC 8252 §7; RFC 9700 §4.1.3 */
export function redirectUriProblem(uri: string): string | undefined {
  if (!URL.canParse(uri)) return 'is no absolute URI'
  const url = new URL(uri)
  if (uri.includes('#')) return 'must not have a fragment'
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password'
  if (uri.includes('*')) return 'must not have a wildcard: register each URI whole'
  if (/^(javascript|data|vbscript|blob|file|about):$/.test(url.protocol))
    return `must not use the scheme ${url.protocol}`
  if (/[\u0000-\u0020\u007f\\]/.test(uri)) return 'must not have spaces, control characters or backslashes'
  return undefined
}

/**
 * Whether a requested redirect URI is a registered one: the same characters;
 * for http on a loopback address of a native or local app the port alone may differ.
 * @spec RFC 9700 §2.1; RFC 8252 §7.3
 */
export function isRegisteredRedirectUri(requested: string, registered: readonly string[]): boolean {
  if (registered.includes(requested)) return true
  const portless = withoutLoopbackPort(requested)
  return portless !== undefined && registered.some((uri) => withoutLoopbackPort(uri) === portless)
}

/** Only literal loopback IP addresses float: `localhost` may resolve elsewhere. @spec RFC 8252 §8.3 */
function withoutLoopbackPort(uri: string): string | undefined {
  const match = /^http:\/\/(127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(\/[^\s\\]*)?$/.exec(uri)
  const host = match?.[1]
  if (match === null || host === undefined || !isLoopbackHost(host)) return undefined
  return `http://${host}${match[2] ?? '/'}`
}
