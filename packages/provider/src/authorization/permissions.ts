import type { ClaimsRequest } from '@latchkey/protocol'
import { namesOf } from '../claims/person-claims.ts'
import type { RegisteredClient, Resource } from '../config.ts'
import type { Parts } from '../parts.ts'

/** To be connected at all, whatever is asked for besides. */
const connection = '@'

/**
 * What a person allows a client by consenting: the connection itself, one entry for each scope value of each API (`scope@resource`),
 * one for each API itself, and the plain value of every other scope.
 */
export function permissionsOf(
  resources: readonly Pick<Resource, 'identifier' | 'scopes'>[],
  scope: readonly string[],
): readonly string[] {
  const ofResources = resources.flatMap(({ identifier, scopes }) => [
    `@${identifier}`,
    ...scope.filter((value) => scopes.includes(value)).map((value) => `${value}@${identifier}`),
  ])
  const plain = scope.filter((value) => !resources.some(({ scopes }) => scopes.includes(value)))
  return [connection, ...plain, ...ofResources]
}

interface Asking {
  readonly client: Pick<RegisteredClient, 'metadata'>
  readonly scope: readonly string[]
  readonly resources: readonly Pick<Resource, 'identifier' | 'scopes'>[]
  readonly claims?: ClaimsRequest | undefined
}

/** What a request needs the person's permission for. */
export function permissionsAsked(parts: Pick<Parts, 'claimsOfScopes'>, request: Asking): readonly string[] {
  return permissionsOf(request.resources, scopeAsked(parts, request))
}

/**
 * The scopes in whose words a person is asked: those of the request, and those that tell what it asks for by name. Nobody
 * learns by name what the person was not asked about. @spec OIDC Core §5.5
 */
export function scopeAsked({ claimsOfScopes }: Pick<Parts, 'claimsOfScopes'>, request: Asking): readonly string[] {
  const { client, scope, claims } = request
  if (claims === undefined) return scope
  const told = new Set(scope.flatMap((value) => namesOf(claimsOfScopes, value)))
  const byName = [claims.userinfo, claims.id_token]
    .flatMap((requested) => Object.keys(requested ?? {}))
    .map((name) => name.replace(/#.*$/, ''))
    .filter((name) => !told.has(name))
  const further = client.metadata.scope
    .split(' ')
    .filter((value) => !scope.includes(value) && namesOf(claimsOfScopes, value).some((name) => byName.includes(name)))
  return [...scope, ...further]
}
