import type { Runtime } from '@latchkey/protocol'
import type { DpopKey } from './requests/dpop-key.ts'
import type { TokenManager } from './token-manager.ts'
import type { TokenSet } from './token-set.ts'

export interface AuthenticatedFetchOptions {
  readonly tokens: TokenManager
  /** Whether a token may go to this address. */
  readonly allows: (url: string) => boolean
  /** Sends tokens that are bound to this key, each with a proof. Fetches through the key's own runtime. */
  readonly dpop?: Pick<DpopKey, 'send'> | undefined
  readonly runtime: Pick<Runtime, 'fetch'>
}

/**
 * `fetch` that attaches the access token where `allows` says so. A 401 brings one renewal and one replay, never for
 * a streamed body; where an API wants its nonce in the proof, the request is first sent again with that.
 * Without a session the request goes out bare and the API's own answer comes back.
 * Redirects are the platform's: it drops `Authorization` on the way to another origin.
 * @spec RFC 6750 §2.1; RFC 9449 §7.1, §9; Fetch §4.4 (HTTP-redirect fetch)
 */
export function createAuthenticatedFetch(options: AuthenticatedFetchOptions): Runtime['fetch'] {
  const { tokens, allows, runtime, dpop } = options

  /** One attempt, or two where a nonce is asked for; `again` is what a further one can be made from. */
  async function attempt(input: FetchInput, init: RequestInit | undefined, current: TokenSet) {
    const again = replay(input, init)
    if (current.tokenType !== 'DPoP' || dpop === undefined) {
      return { again, response: await runtime.fetch(withToken(input, init, current)) }
    }
    const response = await dpop.send(new Request(input, init), current.accessToken)
    if (again === null || !asksForNonce(response)) return { again, response }
    await response.body?.cancel()
    const further = replay(again, init)
    return { again: further, response: await dpop.send(new Request(again, init), current.accessToken) }
  }

  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    if (!allows(input instanceof Request ? input.url : String(input))) return runtime.fetch(input, init)
    const current = await tokens.get(signal ? { signal } : {})
    if (current === null) return runtime.fetch(input, init)
    const { again, response } = await attempt(input, init, current)
    if (response.status !== 401 || again === null) return response
    const renewed = await tokens.renew(current.accessToken, signal ? { signal } : {}).catch(() => null)
    if (renewed === null || renewed.accessToken === current.accessToken) return response
    await response.body?.cancel()
    return (await attempt(again, init, renewed)).response
  }
}

type FetchInput = string | URL | Request

/** Whether the API wants the nonce that it has just given in the proof. @spec RFC 9449 §9 */
function asksForNonce(response: Response): boolean {
  const challenge = response.headers.get('www-authenticate') ?? ''
  return response.status === 401 && response.headers.has('dpop-nonce') && /\buse_dpop_nonce\b/.test(challenge)
}

function withToken(input: FetchInput, init: RequestInit | undefined, tokens: TokenSet): Request {
  const request = new Request(input, init)
  request.headers.set('authorization', `${tokens.tokenType} ${tokens.accessToken}`)
  return request
}

/** What a second attempt can be made from, or null when the body can be read only once. */
function replay(input: FetchInput, init: RequestInit | undefined): FetchInput | null {
  if (init?.body instanceof ReadableStream) return null
  if (!(input instanceof Request) || init?.body != null) return input
  return input.bodyUsed ? null : input.clone()
}
