import { importPublicKey, type KeyObject } from './crypto.ts'
import { signingAlgorithms } from './signing-algorithms.ts'

/** One public key of the provider, ready to verify. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** What this key's own type, and its `alg` where it has one, allow. */
  readonly algorithms: ReadonlySet<string>
  readonly key: KeyObject
}

/** The keys of one JWK Set, by the text of each JWK. */
export type KeySet = ReadonlyMap<string, VerificationKey>

/**
 * The signing keys of a JWK Set; what cannot verify here is left out. A key that `before` had as well stays the
 * same object, so that tokens verified with it stay known.
 * @spec RFC 7517 §5
 */
export function readJwks(jwks: Readonly<Record<string, unknown>>, before: KeySet | null): KeySet | null {
  if (!Array.isArray(jwks.keys)) return null
  const keys = new Map<string, VerificationKey>()
  for (const jwk of jwks.keys.slice(0, 100) as unknown[]) {
    const text = JSON.stringify(jwk)
    const key = before?.get(text) ?? readJwk(jwk)
    if (key !== null) keys.set(text, key)
  }
  return keys
}

/** The keys that may have made a signature: of that `kid` where the token names one, and of a type that fits `alg`. */
export function candidateKeys(keys: KeySet, header: { kid?: string; alg: string }): readonly VerificationKey[] {
  const fitting: VerificationKey[] = []
  for (const key of keys.values()) {
    if (key.algorithms.has(header.alg) && (header.kid === undefined || key.kid === header.kid)) fitting.push(key)
  }
  return fitting
}

function readJwk(jwk: unknown): VerificationKey | null {
  if (typeof jwk !== 'object' || jwk === null) return null
  const members = jwk as Readonly<Record<string, unknown>>
  if (members.use !== undefined && members.use !== 'sig') return null // @spec RFC 7517 §4.2
  if (Array.isArray(members.key_ops) && !members.key_ops.includes('verify')) return null
  const algorithms = Object.entries(signingAlgorithms)
    .filter(([name, { kty, crv }]) => kty === members.kty && (crv === undefined || crv === members.crv) && fits(name))
    .map(([name]) => name)
  const key = algorithms.length === 0 ? null : importPublicKey(members)
  if (key === null) return null
  return { kid: typeof members.kid === 'string' ? members.kid : undefined, algorithms: new Set(algorithms), key }

  function fits(name: string): boolean {
    return members.alg === undefined || members.alg === name
  }
}
