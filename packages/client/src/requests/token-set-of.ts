import { type IdTokenClaims, ProtocolError, parseScope } from '@latchkey/protocol'
import * as oauth from 'oauth4webapi'
import type { TokenSet } from '../token-set.ts'

/** Lifetime assumed where the provider names none, in seconds. @spec RFC 6749 §5.1 expires_in */
const assumedLifetimeSeconds = 300

/**
 * What a token response means for its holder. What a renewal leaves out stays as it was: the refresh token,
 * the ID token, the scope. @spec RFC 6749 §6; OIDC Core §12.2
 */
export function tokenSet(
  response: oauth.TokenEndpointResponse,
  { now, before }: { readonly now: number; readonly before: TokenSet | null },
): TokenSet {
  const claims = (oauth.getValidatedIdTokenClaims(response) as IdTokenClaims | undefined) ?? before?.claims ?? null
  if (before?.claims != null && claims?.sub !== before.claims.sub) {
    throw new ProtocolError('id_token_invalid', 'the renewed ID token names another person')
  }
  return {
    accessToken: response.access_token,
    tokenType: response.token_type === 'dpop' ? 'DPoP' : 'Bearer',
    issuedAt: now,
    expiresAt: now + (response.expires_in ?? assumedLifetimeSeconds),
    scope: response.scope === undefined ? (before?.scope ?? []) : parseScope(response.scope),
    refreshToken: response.refresh_token ?? before?.refreshToken ?? null,
    idToken: response.id_token ?? before?.idToken ?? null,
    claims,
    renewals: before === null ? 0 : before.renewals + 1,
  }
}
