import type { Runtime } from '@latchkey/protocol'
import { type FetchInput, replay } from '../replay.ts'
import type { TokenSet } from '../token-set.ts'
import { createDpopProver, type DpopProver, generateDpopKeyPair } from './dpop-prover.ts'

/** The key that a client's tokens are bound to. @spec RFC 9449 §4, §7 */
export interface DpopKey extends DpopProver {
  /**
   * Sends a request with its token and a fresh proof, and once more where the API wants its nonce in that; never
   * twice for a streamed body. @spec RFC 9449 §7.1, §9
   */
  send(input: FetchInput, init: RequestInit | undefined, tokens: Pick<TokenSet, 'accessToken'>): Promise<Response>
}

export interface DpopKeyOptions {
  readonly runtime: Pick<Runtime, 'now' | 'fetch' | 'randomBytes'>
  /**
   * A pair of one's own, its public half extractable, or where to get one from; otherwise one for ES256 is made, whose
   * private half never leaves the process.
   */
  readonly keyPair?: CryptoKeyPair | (() => Promise<CryptoKeyPair>)
}

export function createDpopKey({ runtime, keyPair = generateDpopKeyPair }: DpopKeyOptions): DpopKey {
  const prover = createDpopProver({
    runtime,
    keyPair: async () => (typeof keyPair === 'function' ? keyPair() : keyPair),
  })
  return {
    ...prover,
    async send(input, init, { accessToken }) {
      const again = replay(input, init)
      const attempt = async (from: FetchInput) => {
        const request = new Request(from, init)
        const { method, url } = request
        request.headers.set('authorization', `DPoP ${accessToken}`)
        request.headers.set('dpop', await prover.proof({ method, url, accessToken }))
        const response = await runtime.fetch(request)
        prover.hearNonce(url, response.headers.get('dpop-nonce'))
        return response
      }
      const response = await attempt(input)
      if (again === null || !asksForNonce(response.status, (name) => response.headers.get(name))) return response
      await response.body?.cancel()
      return attempt(again)
    },
  }
}

/** Whether an API wants the nonce that it has just given in the proof. @spec RFC 9449 §9 */
export function asksForNonce(status: number, header: (name: string) => string | null): boolean {
  const challenge = header('www-authenticate') ?? ''
  return status === 401 && header('dpop-nonce') !== null && /\buse_dpop_nonce\b/.test(challenge)
}
