/** A Fetch request or a Node one: the BFF needs its headers only. */
export interface BffRequest {
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
}

/** A request as a door has it, its body apart. */
export interface ArrivedRequest extends BffRequest {
  readonly method: string
  /** Path and query as they arrived. */
  readonly target: string
  /** Of the connection that it came by, where the door knows. */
  readonly remoteAddress?: string | undefined
  /** Ends the wait for a token, never a renewal. */
  readonly signal?: AbortSignal
  /** Whether the door can turn the connection over to a WebSocket. */
  readonly upgradable?: boolean
}

/** Told by what they can do: naming the global class costs more than the rest of a look-up. */
export function isFetchHeaders(headers: BffRequest['headers']): headers is Headers {
  return typeof headers.get === 'function'
}

/** One header of either kind of request, or null. */
export function headerOf(request: BffRequest, name: string): string | null {
  const { headers } = request
  if (isFetchHeaders(headers)) return headers.get(name)
  const value = headers[name.toLowerCase()]
  if (value === undefined) return null
  return typeof value === 'string' ? value : value.join(name.toLowerCase() === 'cookie' ? '; ' : ', ')
}

/** The request target (path and query) of an absolute URL, by slicing. */
export function targetOf(url: string): string {
  const slash = url.indexOf('/', url.indexOf('://') + 3)
  return slash === -1 ? '/' : url.slice(slash)
}

/** Splits a request target into its path and its query without the `?`; a fragment is dropped. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const hash = target.indexOf('#')
  const whole = hash === -1 ? target : target.slice(0, hash)
  const mark = whole.indexOf('?')
  return mark === -1 ? { path: whole, query: '' } : { path: whole.slice(0, mark), query: whole.slice(mark + 1) }
}
