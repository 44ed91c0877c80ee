import type { Runtime } from '@latchkey/protocol'
import * as oauth from 'oauth4webapi'
import { type FetchInput, replay } from '../replay.ts'
import type { TokenSet } from '../token-set.ts'

/** The key that a client's tokens are bound to; nonces are kept for each origin. @spec RFC 9449 §4, §8, §9 */
export interface DpopKey {
  /** Made at the first call where no pair was given. */
  handle(): Promise<oauth.DPoPHandle>
  /**
   * Sends a request with its token and a fresh proof, and once more where the API wants its nonce in that; never
   * twice for a streamed body. @spec RFC 9449 §7.1, §9
   */
  send(input: FetchInput, init: RequestInit | undefined, tokens: TokenSet): Promise<Response>
}

export interface DpopKeyOptions {
  readonly runtime: Pick<Runtime, 'now' | 'fetch'>
  /** A pair of one's own, its public half extractable; otherwise one for ES256 is made, which never leaves the process. */
  readonly keyPair?: CryptoKeyPair
}

export function createDpopKey({ runtime, keyPair }: DpopKeyOptions): DpopKey {
  let made: Promise<oauth.DPoPHandle> | null = null

  async function make(): Promise<oauth.DPoPHandle> {
    const pair = keyPair ?? (await oauth.generateKeyPair('ES256'))
    return oauth.DPoP({}, pair, {
      [oauth.modifyAssertion]: (_header, payload) => {
        payload.iat = Math.floor(runtime.now())
      },
    })
  }
  const handle: DpopKey['handle'] = () => {
    made ??= make()
    return made
  }

  async function attempt(request: Request, accessToken: string): Promise<Response> {
    let answer: Response | undefined
    try {
      await oauth.protectedResourceRequest(accessToken, request.method, new URL(request.url), undefined, undefined, {
        DPoP: await handle(),
        // Which addresses a token may go to is for the caller to say.
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: async (_url, { headers }) => {
          for (const name of ['authorization', 'dpop']) request.headers.set(name, headers[name] ?? '')
          answer = await runtime.fetch(request)
          return answer
        },
      })
    } catch (error) {
      if (answer === undefined) throw error
    }
    if (answer === undefined) throw new Error('a request was made without an answer')
    return answer
  }

  return {
    handle,
    async send(input, init, { accessToken }) {
      const again = replay(input, init)
      const response = await attempt(new Request(input, init), accessToken)
      if (again === null || !asksForNonce(response)) return response
      await response.body?.cancel()
      return attempt(new Request(again, init), accessToken)
    },
  }
}

/** Whether the API wants the nonce that it has just given in the proof. @spec RFC 9449 §9 */
function asksForNonce(response: Response): boolean {
  const challenge = response.headers.get('www-authenticate') ?? ''
  return response.status === 401 && response.headers.has('dpop-nonce') && /\buse_dpop_nonce\b/.test(challenge)
}
