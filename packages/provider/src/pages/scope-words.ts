import type { Resource } from '../config.ts'

/** One thing a client asks for. */
export interface ScopeWords {
  readonly says: string
  /** The scope value, or null for an API as a whole. */
  readonly scope: string | null
}

/** What is asked for, under the name of who holds it. */
export interface ScopeGroup {
  readonly name: string
  readonly asks: readonly ScopeWords[]
}

/** What each scope of this provider's own means to a person. @spec OIDC Core §5.4, §11 */
const ownWords: Readonly<Record<string, string>> = {
  openid: 'Know that it is you when you sign in',
  profile: 'See your name and profile',
  email: 'See your email address',
  address: 'See your postal address',
  phone: 'See your phone number',
  offline_access: 'Stay connected while you are away',
}

/** A scope in people's words, grouped by the API it opens. */
export function groupScope(
  scope: readonly string[],
  resources: readonly Resource[],
  ownName: string,
): readonly ScopeGroup[] {
  const own = scope.filter((value) => !resources.some(({ scopes }) => scopes.includes(value)))
  const ownGroup: ScopeGroup = {
    name: ownName,
    asks: own.map((value) => ({ says: ownWords[value] ?? `Use “${value}”`, scope: value })),
  }
  return [ownGroup, ...resources.map((resource) => resourceGroup(resource, scope))].filter(
    ({ asks }) => asks.length > 0,
  )
}

function resourceGroup({ name, scopes, scope_descriptions }: Resource, scope: readonly string[]): ScopeGroup {
  const asked = scope.filter((value) => scopes.includes(value))
  if (asked.length === 0) return { name, asks: [{ says: `Use ${name} for you`, scope: null }] }
  return { name, asks: asked.map((value) => ({ says: scope_descriptions?.[value] ?? `Use “${value}”`, scope: value })) }
}
