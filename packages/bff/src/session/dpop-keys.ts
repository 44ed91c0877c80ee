import { createDpopKey, type DpopKey } from '@latchkey/client'
import { encodeBase64url, type Runtime } from '@latchkey/protocol'
import { es256Signer, type PrivateJwk, sha256 } from '../crypto.ts'

export interface ProvenRequest {
  readonly method: string
  /** Such as "https://api.example.com". */
  readonly origin: string
  /** Path and query; the query does not count. */
  readonly path: string
  readonly accessToken: string
}

/** What shows, request by request, that a token is sent by the holder of its key. @spec RFC 9449 §4 */
export interface Prover {
  /** The key as requests to the provider need it. */
  readonly key: DpopKey
  /** A proof for one request, good for that one alone. @spec RFC 9449 §4.2, §7 */
  proof(request: ProvenRequest): string
}

/** The nonces that APIs gave last, by origin: one session's is as good as another's. @spec RFC 9449 §8.2, §9 */
export interface Nonces {
  get(origin: string): string | undefined
  hear(origin: string, nonce: string | null): void
}

export function createNonces(): Nonces {
  const known = new Map<string, string>()
  return {
    get: (origin) => known.get(origin),
    hear(origin, nonce) {
      if (nonce) known.set(origin, nonce)
    },
  }
}

export interface ProverParts {
  readonly runtime: Runtime
  readonly nonces: Nonces
}

export function createProver(jwk: PrivateJwk, { runtime, nonces }: ProverParts): Prover {
  const { kty, crv, x, y } = jwk
  const sign = es256Signer(jwk)
  const header = encoded({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } })
  return {
    key: withNonces(createDpopKey({ runtime, keyPair: () => keyPairOf(jwk) }), nonces),
    proof({ method, origin, path, accessToken }) {
      const nonce = nonces.get(origin)
      const payload = encoded({
        htm: method,
        htu: origin + (path.split('?', 1)[0] ?? ''),
        iat: Math.floor(runtime.now()),
        jti: encodeBase64url(runtime.randomBytes(16)),
        ath: sha256(accessToken),
        ...(nonce === undefined ? {} : { nonce }),
      })
      return `${header}.${payload}.${sign(`${header}.${payload}`)}`
    },
  }
}

/** The key with everybody's nonces instead of its own: a session's first request needs no refusal to learn one. */
function withNonces(key: DpopKey, nonces: Nonces): DpopKey {
  const nonce = (url: string) => nonces.get(new URL(url).origin)
  const told = (url: string) => key.hearNonce(url, nonce(url) ?? null)
  const learnt = (url: string) => nonces.hear(new URL(url).origin, key.nonce(url) ?? null)
  return {
    nonce,
    hearNonce: (url, heard) => nonces.hear(new URL(url).origin, heard),
    proof(options) {
      told(options.url)
      return key.proof(options)
    },
    async prove(request, attempt) {
      told(request.url)
      const response = await key.prove(request, attempt)
      learnt(request.url)
      return response
    },
    async send(input, init, tokens) {
      const url = input instanceof Request ? input.url : String(input)
      told(url)
      const response = await key.send(input, init, tokens)
      learnt(url)
      return response
    },
  }
}

async function keyPairOf(jwk: PrivateJwk): Promise<CryptoKeyPair> {
  const { kty, crv, x, y } = jwk
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  return {
    privateKey: await crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify']),
  }
}

function encoded(value: object): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
}
