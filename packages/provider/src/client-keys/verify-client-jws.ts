import type { ClientMetadata, SigningAlg } from '@latchkey/protocol'
import { importPublicJwk, verifyJws } from '../crypto.ts'
import type { ClientKeys, Jwk } from './client-keys.ts'

interface ClientJws {
  readonly alg: SigningAlg
  readonly kid: string | undefined
  /** What the signature is over. */
  readonly input: string
  /** In base64url. */
  readonly signature: string
}

/**
 * Whether one of the client's registered keys made this signature. Where none did, keys by reference are fetched anew,
 * once in a while: the client may have rotated them.
 * @throws OutboundError when keys by reference cannot be fetched
 * @spec RFC 7515 §5.2; RFC 8725 §3.1
 */
export async function verifyClientJws(
  keys: ClientKeys,
  client: Pick<ClientMetadata, 'jwks' | 'jwks_uri'>,
  jws: ClientJws,
): Promise<boolean> {
  if (anyVerifies(await keys.of(client), jws)) return true
  const renewed = await keys.renewed(client)
  return renewed !== null && anyVerifies(renewed, jws)
}

function anyVerifies(keys: readonly Jwk[], jws: ClientJws): boolean {
  return keys.some((key) => mayVerify(key, jws) && verifies(key, jws))
}

const keyShapes: Readonly<Record<SigningAlg, { kty: string; crv?: string }>> = {
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
}

/** The key decides what it is good for, never the JWS. @spec RFC 7517 §4.2–§4.5; RFC 8725 §3.1 */
function mayVerify(key: Jwk, { alg, kid }: ClientJws): boolean {
  if (kid !== undefined && key.kid !== undefined && key.kid !== kid) return false
  if (key.use !== undefined && key.use !== 'sig') return false
  if (Array.isArray(key.key_ops) && !key.key_ops.includes('verify')) return false
  return fitsAlg(key, alg)
}

/** Whether a public key is of the type that an algorithm takes. @spec RFC 7518 §3; RFC 8037 §3.1 */
export function fitsAlg(key: Jwk, alg: SigningAlg): boolean {
  if (key.alg !== undefined && key.alg !== alg && !(alg === 'EdDSA' && key.alg === 'Ed25519')) return false
  const { kty, crv } = keyShapes[alg]
  return key.kty === kty && (crv === undefined || key.crv === crv)
}

/** Nothing that stands in a key or a signature throws: it does not verify. */
export function verifies(key: Jwk, { alg, input, signature }: Omit<ClientJws, 'kid'>): boolean {
  try {
    return verifyJws(alg, importPublicJwk(key), { input, signature })
  } catch {
    return false
  }
}
