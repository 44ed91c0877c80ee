import type { Runtime } from '@latchkey/protocol'
import { type FetchInput, replay } from './replay.ts'
import type { TokenManager } from './token-manager.ts'
import type { TokenSet } from './token-set.ts'

/** Sends a request with its token and what proves that it is ours; a `DpopKey` is one. */
export interface Sender {
  send(input: FetchInput, init: RequestInit | undefined, tokens: TokenSet): Promise<Response>
}

export interface AuthenticatedFetchOptions {
  readonly tokens: TokenManager
  /** Whether a token may go to this address. */
  readonly allows: (url: string) => boolean
  /** The key that the tokens are bound to; it fetches through its own runtime. */
  readonly dpop?: Sender | undefined
  readonly runtime: Pick<Runtime, 'fetch'>
}

/**
 * `fetch` that attaches the access token where `allows` says so. A 401 brings one renewal and one replay, never for
 * a streamed body. Without a session the request goes out bare and the API's own answer comes back.
 * Redirects are the platform's: it drops `Authorization` on the way to another origin.
 * @spec RFC 6750 §2.1; Fetch §4.4 (HTTP-redirect fetch)
 */
export function createAuthenticatedFetch(options: AuthenticatedFetchOptions): Runtime['fetch'] {
  const { tokens, allows, runtime, dpop } = options
  const send = (input: FetchInput, init: RequestInit | undefined, current: TokenSet) =>
    dpop === undefined ? runtime.fetch(withToken(input, init, current)) : dpop.send(input, init, current)
  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    if (!allows(input instanceof Request ? input.url : String(input))) return runtime.fetch(input, init)
    const current = await tokens.get(signal ? { signal } : {})
    if (current === null) return runtime.fetch(input, init)
    const again = replay(input, init)
    const response = await send(input, init, current)
    if (response.status !== 401 || again === null) return response
    const renewed = await tokens.renew(current.accessToken, signal ? { signal } : {}).catch(() => null)
    if (renewed === null || renewed.accessToken === current.accessToken) return response
    await response.body?.cancel()
    return send(again, init, renewed)
  }
}

function withToken(input: FetchInput, init: RequestInit | undefined, tokens: TokenSet): Request {
  const request = new Request(input, init)
  request.headers.set('authorization', `${tokens.tokenType} ${tokens.accessToken}`)
  return request
}
