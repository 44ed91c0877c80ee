import { scopeClaims } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'

export type Claims = Readonly<Record<string, unknown>>

/** What a scope lets a client know: claims of the account by name, or what a function makes of the account. */
export type ScopeClaims = readonly string[] | ((account: Account) => Claims | Promise<Claims>)

/** Each scope that speaks of a person, with what it tells. */
export type ClaimsOfScopes = ReadonlyMap<string, ScopeClaims>

/** Claims that the provider itself is answerable for: neither a scope nor a hook sets them. @spec RFC 7519 §4.1; OIDC Core §2 */
export const reservedClaims: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'nonce', 'azp', 'auth_time', 'acr', 'amr', 'sid', 'cnf', 'act'],
  ...['at_hash', 'c_hash', 's_hash', 'client_id', 'scope', 'active', 'token_type', 'username', 'may_act'],
  ...['authorization_details', 'claims', 'claims_locales', 'events', 'token_introspection'],
])

/** The standard scopes and those of the configuration. @spec OIDC Core §5.4 */
export function claimsOfScopes(extra: Readonly<Record<string, ScopeClaims>> = {}): ClaimsOfScopes {
  return new Map(Object.entries<ScopeClaims>({ ...scopeClaims, ...extra }))
}

/** What is wrong with scopes of the configuration, each with its place and its fix. */
export function* scopeClaimsProblems(
  extra: Readonly<Record<string, ScopeClaims>> = {},
  resourceScopes: ReadonlySet<string> = new Set(),
): Generator<string> {
  for (const [scope, claims] of Object.entries(extra)) {
    const at = `scopes.${scope}`
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) yield `${at}: is no scope value (RFC 6749 §3.3)`
    if (scope === 'openid' || scope === 'offline_access') yield `${at}: has a meaning of its own; choose another name`
    if (resourceScopes.has(scope)) yield `${at}: is a scope of a resource already; choose another name`
    if (typeof claims === 'function') continue
    for (const claim of claims) if (reservedClaims.has(claim)) yield `${at}: "${claim}" is set by the provider itself`
  }
}
