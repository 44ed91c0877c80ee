import { encodeBase64url, type Runtime } from '@latchkey/protocol'
import { signJwt } from '../jwt/json-web-signature.ts'
import { type FetchInput, replay } from '../replay.ts'
import type { TokenSet } from '../token-set.ts'

export interface ProofOptions {
  readonly method: string
  readonly url: string
  /** The token that goes with it; none at the token endpoint. */
  readonly accessToken?: string
  /** Epoch seconds by the receiver's clock, where it is known better than by ours. */
  readonly now?: number
}

/** The key that a client's tokens are bound to; nonces are kept for each origin. @spec RFC 9449 §4, §8, §9 */
export interface DpopKey {
  /** A proof for one request, good for that one alone. @spec RFC 9449 §4.2 */
  proof(options: ProofOptions): Promise<string>
  /** The nonce that this address's origin gave last. @spec RFC 9449 §8.2 */
  nonce(url: string): string | undefined
  hearNonce(url: string, nonce: string | null): void
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

interface Prover {
  readonly key: CryptoKey
  readonly jwk: Readonly<Record<string, unknown>>
}

export function createDpopKey({ runtime, keyPair = generateDpopKeyPair }: DpopKeyOptions): DpopKey {
  const nonces = new Map<string, string>()
  let prover: Promise<Prover> | null = null

  async function make(): Promise<Prover> {
    const pair = typeof keyPair === 'function' ? await keyPair() : keyPair
    const { kty, crv, x, y, e, n } = await crypto.subtle.exportKey('jwk', pair.publicKey)
    return { key: pair.privateKey, jwk: JSON.parse(JSON.stringify({ kty, crv, x, y, e, n })) }
  }

  const key: DpopKey = {
    async proof({ method, url, accessToken, now = runtime.now() }) {
      prover ??= make().catch((error: unknown) => {
        prover = null
        throw error
      })
      const { key: privateKey, jwk } = await prover
      const nonce = key.nonce(url)
      const { origin, pathname } = new URL(url)
      return signJwt(
        privateKey,
        { typ: 'dpop+jwt', jwk },
        {
          htm: method,
          htu: origin + pathname,
          iat: Math.floor(now),
          jti: encodeBase64url(runtime.randomBytes(16)),
          ...(nonce === undefined ? {} : { nonce }),
          ...(accessToken === undefined ? {} : { ath: await hash(accessToken) }),
        },
      )
    },
    nonce: (url) => nonces.get(new URL(url).origin),
    hearNonce(url, nonce) {
      if (nonce) nonces.set(new URL(url).origin, nonce)
    },
    async send(input, init, { accessToken }) {
      const again = replay(input, init)
      const attempt = async (from: FetchInput) => {
        const request = new Request(from, init)
        const { method, url } = request
        request.headers.set('authorization', `DPoP ${accessToken}`)
        request.headers.set('dpop', await key.proof({ method, url, accessToken }))
        const response = await runtime.fetch(request)
        key.hearNonce(url, response.headers.get('dpop-nonce'))
        return response
      }
      const response = await attempt(input)
      if (again === null || !asksForNonce(response.status, (name) => response.headers.get(name))) return response
      await response.body?.cancel()
      return attempt(again)
    },
  }
  return key
}

/** Whether an API wants the nonce that it has just given in the proof. @spec RFC 9449 §9 */
export function asksForNonce(status: number, header: (name: string) => string | null): boolean {
  const challenge = header('www-authenticate') ?? ''
  return status === 401 && header('dpop-nonce') !== null && /\buse_dpop_nonce\b/.test(challenge)
}

/** Made so that its private half can sign and never be read. */
export async function generateDpopKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
}

async function hash(text: string): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}
