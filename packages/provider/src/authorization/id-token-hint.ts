import type { IdTokenHint } from '../parts.ts'

/** Verified, not merely decoded; an expired one still says who it was for. @spec RP-Initiated Logout §2; OIDC Core §3.1.2.1 */
export const readIdTokenHint: IdTokenHint = ({ keys, issuer }, jwt) => {
  const claims = keys.verify(jwt, 'JWT')
  if (claims === null || claims.iss !== issuer || typeof claims.sub !== 'string') return null
  return claims as ReturnType<IdTokenHint>
}
