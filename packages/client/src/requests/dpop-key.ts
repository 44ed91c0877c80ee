import type { Runtime } from '@latchkey/protocol'
import * as oauth from 'oauth4webapi'

/** The key that a client's tokens are bound to; nonces are kept for each origin. @spec RFC 9449 §4, §8, §9 */
export interface DpopKey {
  /** Made at the first call where no pair was given. */
  handle(): Promise<oauth.DPoPHandle>
  /** Sends a request with a token and a fresh proof for it. @spec RFC 9449 §7.1 */
  send(request: Request, accessToken: string): Promise<Response>
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
  return {
    handle,
    async send(request, accessToken) {
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
    },
  }
}
