import { type KeyObject, type Signed, verifyEcdsa, verifyEddsa, verifyRsa, verifyRsaPss } from './crypto.ts'

export interface SigningAlgorithm {
  readonly kty: string
  readonly crv: string | undefined
  readonly verify: (key: KeyObject, signed: Signed) => boolean
}

/** One row an algorithm. Symmetric ones have no place here: an API holds no key that could sign. @spec RFC 7518 §3.1 */
export const signingAlgorithms: Readonly<Record<string, SigningAlgorithm>> = {
  ES256: ecdsa('P-256', 'sha256', 64),
  ES384: ecdsa('P-384', 'sha384', 96),
  ES512: ecdsa('P-521', 'sha512', 132),
  RS256: { kty: 'RSA', crv: undefined, verify: (key, signed) => verifyRsa(key, 'sha256', signed) },
  RS384: { kty: 'RSA', crv: undefined, verify: (key, signed) => verifyRsa(key, 'sha384', signed) },
  RS512: { kty: 'RSA', crv: undefined, verify: (key, signed) => verifyRsa(key, 'sha512', signed) },
  PS256: { kty: 'RSA', crv: undefined, verify: (key, signed) => verifyRsaPss(key, 'sha256', signed) },
  PS384: { kty: 'RSA', crv: undefined, verify: (key, signed) => verifyRsaPss(key, 'sha384', signed) },
  PS512: { kty: 'RSA', crv: undefined, verify: (key, signed) => verifyRsaPss(key, 'sha512', signed) },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', verify: verifyEddsa },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', verify: verifyEddsa },
}

/** Accepted unless the configuration names others. */
export const defaultAlgorithms: readonly string[] = ['ES256', 'RS256', 'PS256', 'ES384', 'EdDSA']

export function* algorithmProblems(place: string, algorithms: readonly string[] | undefined): Generator<string> {
  if (algorithms !== undefined && algorithms.length === 0) yield `${place}: name at least one`
  for (const name of algorithms ?? []) {
    if (!Object.hasOwn(signingAlgorithms, name)) {
      yield `${place}: "${name}" is not supported; supported: ${Object.keys(signingAlgorithms).join(', ')}`
    }
  }
}

function ecdsa(crv: string, digest: string, length: number): SigningAlgorithm {
  return {
    kty: 'EC',
    crv,
    verify: (key, signed) => signed.signature.length === length && verifyEcdsa(key, digest, signed),
  }
}
