import type { IdTokenClaims, SigningAlg } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'
import { leftHalfHash } from '../crypto.ts'
import type { TokenBasis } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import { scopedClaims } from './scoped-claims.ts'

/** What travels beside the ID token, and what it therefore holds a hash of. */
interface Bound {
  readonly accessToken?: string | undefined
  readonly code?: string | undefined
  readonly state?: string | undefined
}

/** An ID token for the client that asked, in the algorithm it registered. @spec OIDC Core §2, §3.1.3.6 */
export function createIdToken(
  parts: Parts,
  { client, grounds, scope, nonce }: TokenBasis,
  about: { readonly account: Account; readonly now: number } & Bound,
): string {
  const claims: IdTokenClaims = {
    ...scopedClaims(about.account, scope),
    iss: parts.issuer,
    sub: grounds.sub,
    aud: grounds.clientId,
    exp: about.now + parts.lifetimes.id_token,
    iat: about.now,
    ...hashes(client.metadata.id_token_signed_response_alg, about),
    ...(grounds.authTime === null ? {} : { auth_time: grounds.authTime }),
    ...(nonce === null ? {} : { nonce }),
    ...(grounds.acr === null ? {} : { acr: grounds.acr }),
    ...(grounds.amr.length === 0 ? {} : { amr: grounds.amr }),
    ...(grounds.sid === null ? {} : { sid: grounds.sid }),
  }
  return parts.keys.sign(client.metadata.id_token_signed_response_alg, claims)
}

/** @spec OIDC Core §3.1.3.6, §3.3.2.11; FAPI 1.0 Part 2 §5.1.1 */
function hashes(alg: SigningAlg, { accessToken, code, state }: Bound): Record<string, string> {
  return {
    ...(accessToken === undefined ? {} : { at_hash: leftHalfHash(alg, accessToken) }),
    ...(code === undefined ? {} : { c_hash: leftHalfHash(alg, code) }),
    ...(code === undefined || state === undefined ? {} : { s_hash: leftHalfHash(alg, state) }),
  }
}
