import { OAuthError, scopeClaims } from '@latchkey/protocol'
import type { ClaimsOfScopes } from '../claims/scope-claims.ts'
import type { RegisteredClient, Resource } from '../config.ts'

/** Scope values that speak of a person, not of an API. @spec OIDC Core §5.4, §11 */
export const identityScopes: ReadonlySet<string> = new Set(['openid', ...Object.keys(scopeClaims), 'offline_access'])

/**
 * What of a granted scope one access token carries: its resource's scopes and those of identity,
 * or, without a resource, what the client itself is registered for.
 * Values taken from the client or the resource since the grant are gone.
 */
export function tokenScope(
  granted: readonly string[],
  client: RegisteredClient,
  { resource, claimsOfScopes }: { resource: Resource | null; claimsOfScopes: ClaimsOfScopes },
): readonly string[] {
  const own = client.metadata.scope.split(' ')
  if (resource === null) return granted.filter((value) => own.includes(value))
  return granted.filter(
    (value) =>
      resource.scopes.includes(value) ||
      ((identityScopes.has(value) || claimsOfScopes.has(value)) && own.includes(value)),
  )
}

/** @throws OAuthError `invalid_scope` naming the values the client may not have. @spec RFC 6749 §3.3 */
export function requireAllowed(requested: readonly string[], allowed: readonly string[]): readonly string[] {
  const excess = requested.filter((value) => !allowed.includes(value))
  if (excess.length > 0) throw new OAuthError('invalid_scope', `this client may not ask for: ${excess.join(' ')}`)
  return requested
}
