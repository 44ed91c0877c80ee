import type { Resource } from '../config.ts'

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
