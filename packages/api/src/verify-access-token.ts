import { type AccessTokenClaims, OAuthError } from '@latchkey/protocol'
import { checkClaims, refuseBoundToken } from './check-claims.ts'
import { type AccessTokenHeader, type CompactJwt, readCompactJwt } from './compact-jwt.ts'
import { sha256 } from './crypto.ts'
import { candidateKeys, type KeySet, type VerificationKey } from './jwks.ts'
import { createKeySource } from './key-source.ts'
import { createKnownTokens } from './known-tokens.ts'
import { type AccessTokenVerifierOptions, readOptions } from './options.ts'
import { signingAlgorithms } from './signing-algorithms.ts'

const longestToken = 16 * 1024

/** A verified access token. `header` and `payload` are frozen. */
export interface AccessToken {
  readonly header: AccessTokenHeader
  readonly payload: AccessTokenClaims
  readonly token: string
}

export interface AccessTokenVerifier {
  /**
   * Verifies a JWT access token that came as a bearer token.
   * @throws OAuthError `invalid_token`; ProtocolError `keys_unavailable` while the provider cannot be reached
   * @spec RFC 9068 §4
   */
  verify(token: string): Promise<AccessToken>
}

/** Verifies with the keys that the issuer publishes. @throws ConfigError with every problem of the options */
export function createAccessTokenVerifier(options: AccessTokenVerifierOptions): AccessTokenVerifier {
  const settings = readOptions(options)
  const { runtime, issuer, onError, algorithms, expiryToleranceSeconds } = settings
  const keySource = createKeySource({ issuer, runtime, onError })
  const knownTokens = createKnownTokens(settings.rememberedTokens)

  async function verify(token: string): Promise<AccessToken> {
    if (token.length > longestToken) {
      throw new OAuthError('invalid_token', `the access token is longer than ${longestToken} characters`)
    }
    const digest = sha256(token)
    const keys = keySource.current()
    const known = keys === null ? undefined : knownTokens.find(digest)
    if (known !== undefined && keys !== null) {
      const isCurrent = known.payload.exp + expiryToleranceSeconds > runtime.now() && isHeld(known.key, keys)
      if (isCurrent) return { header: known.header, payload: known.payload, token }
      knownTokens.forget(digest)
    }
    const jwt = readCompactJwt(token, algorithms)
    const key = await findKey(jwt, keys ?? (await keySource.load()))
    const payload = checkClaims(jwt.payload, { ...settings, now: runtime.now() })
    refuseBoundToken(payload)
    knownTokens.add(digest, { header: jwt.header, payload, key })
    return { header: jwt.header, payload, token }
  }

  /** The key that made the signature, asking the provider again when it may have a new one. */
  async function findKey(jwt: CompactJwt, keys: KeySet): Promise<VerificationKey> {
    let candidates = candidateKeys(keys, jwt.header)
    if (candidates.length === 0) {
      candidates = candidateKeys((await keySource.refreshForUnknownKid()) ?? keys, jwt.header)
    }
    if (candidates.length === 0) {
      const detail = `no key of ${issuer} has the kid ${JSON.stringify(jwt.header.kid)} and fits ${jwt.header.alg}`
      throw new OAuthError('invalid_token', 'the access token was signed with an unknown key', { detail })
    }
    if (jwt.header.kid === undefined && candidates.length > 1) {
      const detail = `the header has no kid and ${candidates.length} keys of ${issuer} fit ${jwt.header.alg}`
      throw new OAuthError('invalid_token', 'the access token does not name its key', { detail })
    }
    const key = candidates.find((candidate) => signingAlgorithms[jwt.header.alg]?.verify(candidate.key, jwt.signed))
    if (key === undefined) throw new OAuthError('invalid_token', 'the signature of the access token is wrong')
    return key
  }

  return { verify }
}

function isHeld(key: VerificationKey, keys: KeySet): boolean {
  for (const held of keys.values()) if (held === key) return true
  return false
}
