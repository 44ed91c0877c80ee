import type { Resource } from '../config.ts'
import { type Locale, textsOf } from './texts/index.ts'

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

/** A scope in people's words, grouped by the API it opens. */
export function groupScope(
  scope: readonly string[],
  resources: readonly Resource[],
  { ownName, locale = 'en' }: { readonly ownName: string; readonly locale?: Locale },
): readonly ScopeGroup[] {
  const words = textsOf(locale).consent
  const own = scope.filter((value) => !resources.some(({ scopes }) => scopes.includes(value)))
  const ownGroup: ScopeGroup = {
    name: ownName,
    asks: own.map((value) => ({ says: words.scopes[value] ?? words.useScope(value), scope: value })),
  }
  return [ownGroup, ...resources.map((resource) => resourceGroup(resource, scope, locale))].filter(
    ({ asks }) => asks.length > 0,
  )
}

function resourceGroup(
  { name, scopes, scope_descriptions }: Resource,
  scope: readonly string[],
  locale: Locale,
): ScopeGroup {
  const words = textsOf(locale).consent
  const asked = scope.filter((value) => scopes.includes(value))
  if (asked.length === 0) return { name, asks: [{ says: words.useApi(name), scope: null }] }
  return {
    name,
    asks: asked.map((value) => ({ says: scope_descriptions?.[value] ?? words.useScope(value), scope: value })),
  }
}
