import type { IdTokenHint } from '../parts.ts'

/** Verified, not merely decoded; an expired one still says who it was for. @spec RP-Initiated Logout §2; OIDC Core §3.1.2.1 */
export const readIdTokenHint: IdTokenHint = ({ keys, issuer }, jwt) => {
  const claims = keys.verify(jwt, 'JWT')
  if (claims === null || claims.iss !== issuer || typeof claims.sub !== 'string') return null
  return claims as ReturnType<IdTokenHint>
}

/**
 * What is wrong with a hint that says nothing: encrypted for its client, it is nothing that this side can open.
 * @spec OIDC Core §3.1.2.1
 */
export function hintProblem(jwt: string): string {
  return jwt.split('.').length === 5
    ? 'id_token_hint is encrypted: send the signed ID token that is inside'
    : 'id_token_hint is no ID token of this provider'
}
