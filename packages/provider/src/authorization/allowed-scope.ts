import { OAuthError, scopeClaims } from '@latchkey/protocol'
import type { RegisteredClient, Resource } from '../config.ts'

/** Scope values that this provider gives a meaning of its own. @spec OIDC Core §5.4, §11 */
export const standardScope: readonly string[] = ['openid', ...Object.keys(scopeClaims), 'offline_access']

/**
 * The requested scope without values that nobody here knows.
 * @throws OAuthError `invalid_scope` for a value that is known but not this client's to ask for.
 * @spec RFC 6749 §3.3; OIDC Core §3.1.2.1
 */
export function allowedScope(
  requested: readonly string[],
  among: { client: RegisteredClient; resources: readonly Resource[]; known: ReadonlyMap<string, Resource> },
): readonly string[] {
  const own = among.client.metadata.scope.split(' ')
  return requested.filter((value) => {
    if (own.includes(value) || among.resources.some(({ scopes }) => scopes.includes(value))) return true
    const elsewhere = [...among.known.values()].find(({ scopes }) => scopes.includes(value))
    if (elsewhere !== undefined)
      throw new OAuthError(
        'invalid_scope',
        `scope "${value}" belongs to ${elsewhere.identifier}: name that as resource or audience too`,
      )
    if (standardScope.includes(value))
      throw new OAuthError('invalid_scope', `scope "${value}" is not one that this client may ask for`)
    return false
  })
}
