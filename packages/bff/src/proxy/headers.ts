/** Meant for one connection only. @spec RFC 9110 §7.6.1 */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** The browser's word counts for nothing here: who is calling, from where, with what right is ours to say. */
const notForwarded = new Set([
  ...hopByHop,
  'host',
  'cookie',
  'authorization',
  'dpop',
  'origin',
  'referer',
  'expect',
  'accept-encoding',
  'forwarded',
  'x-forwarded-host',
  'x-forwarded-proto',
])

/** What an API could use to reach into the browser's state for our origin, or to let other origins in. */
const notReturned = new Set([
  ...hopByHop,
  'set-cookie',
  'set-cookie2',
  'clear-site-data',
  'strict-transport-security',
  'alt-svc',
])

/** Without these a body cannot be read, whatever a route's list says. */
const ofTheBody: ReadonlySet<string> = new Set(['content-type', 'content-length', 'content-encoding'])

export interface ForwardOptions {
  readonly authorization: string | null
  readonly csrfHeader: string
  /** Our own origin, as browsers see it. */
  readonly origin: string
  /** The route's own list; undefined lets everything else pass. */
  readonly allowed: ReadonlySet<string> | undefined
}

/** The headers that go on to the API. */
export function forwardedHeaders(headers: Headers, options: ForwardOptions): Record<string, string> {
  const named = connectionNames(headers)
  const scheme = options.origin.indexOf('://')
  const [proto, host] = [options.origin.slice(0, scheme), options.origin.slice(scheme + 3)]
  const out: Record<string, string> = {
    'accept-encoding': 'identity',
    // @spec RFC 7239 §5.3, §5.4
    forwarded: `host="${host}";proto=${proto}`,
    'x-forwarded-host': host,
    'x-forwarded-proto': proto,
  }
  const csrf = options.csrfHeader.toLowerCase()
  for (const [name, value] of headers) {
    if (notForwarded.has(name) || named.has(name) || name === csrf || name.startsWith('sec-fetch-')) continue
    if (options.allowed === undefined || ofTheBody.has(name) || options.allowed.has(name)) out[name] = value
  }
  if (options.authorization !== null) out.authorization = options.authorization
  return out
}

/** The headers of the API's answer that go on to the browser. */
export function returnedHeaders(response: Response, allowed?: ReadonlySet<string>): Headers {
  const named = connectionNames(response.headers)
  const out = new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  // `fetch` has undone the encoding, so neither it nor the length it had is true any more.
  const decoded = response.headers.has('content-encoding')
  for (const [name, value] of response.headers) {
    if (notReturned.has(name) || named.has(name) || name.startsWith('access-control-')) continue
    if (decoded && (name === 'content-encoding' || name === 'content-length')) continue
    if (allowed === undefined || ofTheBody.has(name) || allowed.has(name)) out.set(name, value)
  }
  return out
}

function connectionNames(headers: Headers): ReadonlySet<string> {
  const value = headers.get('connection')
  return new Set(value === null ? [] : value.split(',').map((name) => name.trim().toLowerCase()))
}
