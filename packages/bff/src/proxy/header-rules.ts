/** Meant for one connection only. @spec RFC 9110 §7.6.1 */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** How long a body is and where it ends is said anew on each connection, by whoever writes it there. @spec RFC 9112 §6 */
const framing = ['content-length', 'transfer-encoding']

/** The browser's word counts for nothing here: who is calling, from where, with what right is ours to say. */
const neverForwarded = new Set([
  ...hopByHop,
  ...framing,
  'host',
  'cookie',
  'cookie2',
  'authorization',
  'dpop',
  'origin',
  'referer',
  'expect',
  'http2-settings',
  'forwarded',
  'via',
])

/** Some servers take these for the address, the method or the caller; a route may name one that its API needs. */
const forwardedWhenNamed = new Set([
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-original-host',
  'x-original-url',
  'x-rewrite-url',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
])

/** Ours to set, or between the browser and us alone. */
const neverForwardedPrefixes = ['sec-fetch-', 'sec-websocket-', 'x-forwarded-', 'proxy-']

/** What an API could use to reach into the browser's state for our origin, or to let other origins in. */
const neverReturned = new Set([
  ...hopByHop,
  ...framing,
  'set-cookie',
  'set-cookie2',
  'clear-site-data',
  'strict-transport-security',
  'alt-svc',
  'dpop-nonce',
])

const neverReturnedPrefixes = ['access-control-', 'sec-websocket-']

/** Without these a body cannot be read, whatever a route's list says. */
const ofTheBody: ReadonlySet<string> = new Set(['content-type', 'content-encoding'])

/** Framing, routing, access and the content's form belong in front of a body, never after it. @spec RFC 9110 §6.5.1 */
const neverInTrailers =
  /^(content-|cache-control$|expires$|pragma$|age$|date$|location$|vary$|www-|max-forwards$|if-|range$|accept)/

/** Whether a header, named in lower case, goes through. */
export type HeaderRule = (name: string) => boolean

export interface RequestRuleOptions {
  readonly csrfHeader: string
  /** The route's own list, in lower case; undefined lets everything else pass. */
  readonly allowed: ReadonlySet<string> | undefined
}

/** Which of the browser's headers go on to the API. */
export function requestRule({ csrfHeader, allowed }: RequestRuleOptions): HeaderRule {
  const csrf = csrfHeader.toLowerCase()
  return remembered((name) => {
    if (neverForwarded.has(name) || name === csrf) return false
    if (neverForwardedPrefixes.some((prefix) => name.startsWith(prefix))) return false
    if (allowed !== undefined) return ofTheBody.has(name) || allowed.has(name)
    // Servers in the manner of CGI cannot tell `x_y` from `x-y`: the one would slip past what is said of the other.
    return !forwardedWhenNamed.has(name) && !name.includes('_')
  })
}

/** Which headers of the API's answer go on to the browser. */
export function answerRule(allowed: ReadonlySet<string> | undefined): HeaderRule {
  return remembered((name) => {
    if (neverReturned.has(name) || neverReturnedPrefixes.some((prefix) => name.startsWith(prefix))) return false
    return allowed === undefined || ofTheBody.has(name) || allowed.has(name)
  })
}

/** Which fields may follow a body, of those that may stand before it. @spec RFC 9110 §6.5.1 */
export function trailerRule(rule: HeaderRule): HeaderRule {
  return (name) => rule(name) && !neverInTrailers.test(name)
}

/** Names come again with every request; what strangers invent does not fill the memory. */
function remembered(rule: HeaderRule): HeaderRule {
  const known = new Map<string, boolean>()
  return (name) => {
    const before = known.get(name)
    if (before !== undefined) return before
    const verdict = rule(name)
    if (known.size < 256) known.set(name, verdict)
    return verdict
  }
}
