import { encodeBase64url, type Runtime, readObject } from '@latchkey/protocol'
import { hash } from '../encoding.ts'
import { algOfCurve, signJwt } from '../jwt/json-web-signature.ts'
import { remembered } from '../remembered.ts'

export interface ProofOptions {
  readonly method: string
  readonly url: string
  /** The token that goes with it; none at the token endpoint. */
  readonly accessToken?: string
  /** Epoch seconds by the receiver's clock, where it is known better than by ours. */
  readonly now?: number
}

/** Proves request by request that it comes from the holder of a key; nonces are kept for each origin. @spec RFC 9449 §4, §8, §9 */
export interface DpopProver {
  /** A proof for one request, good for that one alone. @spec RFC 9449 §4.2 */
  proof(options: ProofOptions): Promise<string>
  /** The nonce that this address's origin gave last. @spec RFC 9449 §8.2 */
  nonce(url: string): string | undefined
  hearNonce(url: string, nonce: string | null): void
  /** Makes a request of the provider with a proof, and once more where it wants its nonce in that. @spec RFC 9449 §8 */
  prove(request: ProofOptions, attempt: (proof: string) => Promise<Response>): Promise<Response>
}

export interface DpopProverOptions {
  readonly runtime: Pick<Runtime, 'now' | 'randomBytes'>
  /** Where to get the pair from, its public half extractable; otherwise one for ES256 is made. */
  readonly keyPair?: () => Promise<CryptoKeyPair>
}

export function createDpopProver({ runtime, keyPair = generateDpopKeyPair }: DpopProverOptions): DpopProver {
  const nonces: Record<string, string> = {}
  const key = remembered(async () => {
    const { privateKey, publicKey } = await keyPair()
    const { ext, key_ops, ...jwk } = await crypto.subtle.exportKey('jwk', publicKey)
    const alg = jwk.crv ? algOfCurve(jwk.crv) : String(jwk.alg)
    return { privateKey, header: { typ: 'dpop+jwt', alg, jwk } }
  })
  const prover: DpopProver = {
    async proof({ method, url, accessToken, now = runtime.now() }) {
      const { privateKey, header } = await key()
      const { origin, pathname } = new URL(url)
      return signJwt(privateKey, header, {
        htm: method,
        htu: origin + pathname,
        iat: Math.floor(now),
        jti: encodeBase64url(runtime.randomBytes(16)),
        nonce: nonces[origin],
        ath: accessToken && (await hash(accessToken)),
      })
    },
    nonce: (url) => nonces[new URL(url).origin],
    hearNonce(url, nonce) {
      if (nonce) nonces[new URL(url).origin] = nonce
    },
    async prove(request, attempt) {
      const once = async () => {
        const response = await attempt(await prover.proof(request))
        prover.hearNonce(request.url, response.headers.get('dpop-nonce'))
        return response
      }
      const response = await once()
      if (response.ok || !response.headers.has('dpop-nonce')) return response
      const { error } = readObject(await response.clone().text().catch(String))
      return error === 'use_dpop_nonce' ? once() : response
    },
  }
  return prover
}

/** Made so that its private half can sign and never be read. */
export async function generateDpopKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
}
