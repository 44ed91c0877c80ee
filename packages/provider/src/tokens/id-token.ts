import type { IdTokenClaims } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'
import { leftHalfSha256 } from '../crypto.ts'
import type { Authorization } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import { scopedClaims } from './scoped-claims.ts'

/** An ID token for the client that asked, in the algorithm it registered. @spec OIDC Core §2, §3.1.3.6 */
export function createIdToken(
  parts: Parts,
  { client, grounds, scope, nonce }: Authorization,
  about: { readonly account: Account; readonly accessToken: string; readonly now: number },
): string {
  const claims: IdTokenClaims = {
    ...scopedClaims(about.account, scope),
    iss: parts.issuer,
    sub: grounds.sub,
    aud: grounds.clientId,
    exp: about.now + parts.lifetimes.id_token,
    iat: about.now,
    at_hash: leftHalfSha256(about.accessToken),
    ...(grounds.authTime === null ? {} : { auth_time: grounds.authTime }),
    ...(nonce === null ? {} : { nonce }),
    ...(grounds.acr === null ? {} : { acr: grounds.acr }),
    ...(grounds.amr.length === 0 ? {} : { amr: grounds.amr }),
    ...(grounds.sid === null ? {} : { sid: grounds.sid }),
  }
  return parts.keys.sign(client.metadata.id_token_signed_response_alg, claims)
}
