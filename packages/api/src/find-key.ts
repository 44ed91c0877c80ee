import { OAuthError } from '@latchkey/protocol'
import type { CompactJwt } from './compact-jwt.ts'
import { candidateKeys, type VerificationKey } from './jwks.ts'
import type { KeySource } from './key-source.ts'
import { shown } from './shown.ts'
import { signingAlgorithms } from './signing-algorithms.ts'

/**
 * The key that made a JWT's signature, asking the provider again when it may have a new one.
 * @throws OAuthError `invalid_token`; ProtocolError `keys_unavailable`
 */
export async function findSigningKey(jwt: CompactJwt, source: KeySource): Promise<VerificationKey> {
  const keys = source.current() ?? (await source.load())
  let candidates = candidateKeys(keys, jwt.header)
  if (candidates.length === 0) candidates = candidateKeys((await source.refreshForUnknownKid()) ?? keys, jwt.header)
  if (candidates.length === 0) {
    const detail = `no key of ${source.issuer} has the kid ${shown(jwt.header.kid)} and fits ${jwt.header.alg}`
    throw new OAuthError('invalid_token', 'the access token was signed with an unknown key', { detail })
  }
  if (jwt.header.kid === undefined && candidates.length > 1) {
    const detail = `the header has no kid and ${candidates.length} keys of ${source.issuer} fit ${jwt.header.alg}`
    throw new OAuthError('invalid_token', 'the access token does not name its key', { detail })
  }
  const key = candidates.find((candidate) => signingAlgorithms[jwt.header.alg]?.verify(candidate.key, jwt.signed))
  if (key === undefined) throw new OAuthError('invalid_token', 'the signature of the access token is wrong')
  return key
}
