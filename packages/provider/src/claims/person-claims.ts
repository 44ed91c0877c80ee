import { type ClaimRequests, type ClientMetadata, fulfils } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'
import { type Claims, type ClaimsOfScopes, reservedClaims } from './scope-claims.ts'

interface Asked {
  readonly client: Pick<ClientMetadata, 'scope'>
  readonly scope: readonly string[]
  /** The member of the `claims` parameter that speaks of this place. */
  readonly requested: ClaimRequests | undefined
  /** The languages in which the client wants claims, best first. */
  readonly locales: readonly string[] | undefined
}

/**
 * What a client learns of a person: by the scopes it was granted, and by name. By name it learns nothing that none of
 * the scopes it is registered for could tell it. @spec OIDC Core §5.4, §5.5
 */
export async function personClaims(scopes: ClaimsOfScopes, account: Account, asked: Asked): Promise<Claims> {
  const claims: Record<string, unknown> = {}
  for (const value of asked.scope) {
    const told = scopes.get(value)
    if (typeof told === 'function') {
      for (const [name, claim] of Object.entries(await told(account))) put(claims, name, claim)
    } else for (const name of told ?? []) put(claims, name, claimOf(account, name, asked.locales))
  }
  return asked.requested === undefined ? claims : { ...claims, ...requestedClaims(scopes, account, asked) }
}

/** A claim of which another value was asked for is left out, unless a scope tells it anyway. @spec OIDC Core §5.5.1 */
function requestedClaims(scopes: ClaimsOfScopes, account: Account, { client, requested = {}, locales }: Asked): Claims {
  const allowed = new Set(client.scope.split(' ').flatMap((value) => namesOf(scopes, value)))
  const claims: Record<string, unknown> = {}
  for (const [asked, request] of Object.entries(requested)) {
    // @spec OIDC Core §5.2: one in a certain language is a claim of its own where the account has it
    const name = asked in account.claims ? asked : asked.replace(/#.*$/, '')
    const claim = claimOf(account, name, locales)
    if (allowed.has(name.replace(/#.*$/, '')) && fulfils(request, claim)) put(claims, name, claim)
  }
  return claims
}

/** The claims that a scope tells; none where a function makes them. */
export function namesOf(scopes: ClaimsOfScopes, scope: string): readonly string[] {
  const told = scopes.get(scope)
  return told === undefined || typeof told === 'function' ? [] : told
}

function claimOf(account: Account, name: string, locales: readonly string[] = []): unknown {
  const told = inLanguage(account, name, locales) ?? account.claims[name]
  return told ?? (name === 'preferred_username' ? account.username : undefined)
}

/** The claim as the account has it in the best of the wanted languages: told under its bare name. @spec OIDC Core §5.2 */
function inLanguage({ claims }: Account, name: string, locales: readonly string[]): unknown {
  if (locales.length === 0 || name.includes('#')) return undefined
  const own = new Map(Object.keys(claims).map((key) => [key.toLowerCase(), claims[key]]))
  for (const locale of locales)
    for (let tag = locale.toLowerCase(); tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
      const claim = own.get(`${name.toLowerCase()}#${tag}`)
      if (claim !== undefined && claim !== null) return claim
    }
  return undefined
}

function put(claims: Record<string, unknown>, name: string, claim: unknown): void {
  if (claim !== undefined && claim !== null && !reservedClaims.has(name)) claims[name] = claim
}
