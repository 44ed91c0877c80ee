import type { RegisteredClient, Resource } from '../config.ts'
import { groupScope, type ScopeGroup } from '../pages/scope-words.ts'
import { type Locale, textsOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import type { ConsentRecord } from '../store/store.ts'

/** An application that a person has allowed something, or that holds tokens in their name. */
export interface HeldAccess {
  readonly clientId: string
  readonly name: string
  /** Null when it is not registered any more, or cannot be read for now. */
  readonly client: RegisteredClient['metadata'] | null
  /** Epoch seconds. */
  readonly since: number
  /** What was allowed, in the words of the page that asked. */
  readonly permissions: readonly ScopeGroup[]
  /** What was allowed once, newest first. @spec RFC 9396 §2 */
  readonly details: readonly { readonly says: string; readonly at: number }[]
  /** Whether the person was asked; clients of the house need not ask. */
  readonly wasAsked: boolean
  /** Whether it holds tokens that have not ended. */
  readonly isInUse: boolean
}

/** What applications may do in a person's name, by the name of the application. */
export async function heldAccess(parts: Parts, sub: string, locale: Locale): Promise<readonly HeldAccess[]> {
  const [consents, holders] = await Promise.all([
    parts.store.consents.list(sub),
    parts.store.families.holders(sub, parts.runtime.now()),
  ])
  const clientIds = new Set([...consents, ...holders].map(({ clientId }) => clientId))
  const found = await Promise.all(
    [...clientIds].map(async (clientId): Promise<HeldAccess> => {
      const consent = consents.find((each) => each.clientId === clientId)
      const holder = holders.find((each) => each.clientId === clientId)
      const client = await clientOf(parts, clientId)
      return {
        clientId,
        name: client?.client_name ?? clientId,
        client,
        since: Math.min(consent?.grantedAt ?? Infinity, holder?.since ?? Infinity),
        permissions: consent === undefined ? [] : permittedGroups(parts, consent.permissions, locale),
        details: consent === undefined ? [] : detailsOf(parts, consent),
        wasAsked: consent !== undefined,
        isInUse: holder !== undefined,
      }
    }),
  )
  return found.sort((a, b) => a.name.localeCompare(b.name, locale) || (a.clientId < b.clientId ? -1 : 1))
}

/** One that describes itself elsewhere may be out of reach: what it holds is listed all the same. */
async function clientOf({ everyClient }: Parts, clientId: string): Promise<HeldAccess['client']> {
  try {
    return (await everyClient.find(clientId))?.metadata ?? null
  } catch {
    return null
  }
}

function detailsOf({ authorizationDetailsTypes: types }: Parts, { details }: ConsentRecord): HeldAccess['details'] {
  return details
    .map(({ detail, at }) => ({ says: types.get(detail.type)?.describe(detail) ?? detail.type, at }))
    .reverse()
}

/** The way back from entries of `permissionsOf`; what speaks of an API that is gone opens nothing and is left out. */
function permittedGroups(parts: Parts, permissions: readonly string[], locale: Locale): readonly ScopeGroup[] {
  const ownName = textsOf(locale).consent.accountAt(new URL(parts.issuer).host)
  const identifiers = permissions.filter((entry) => entry.startsWith('@')).map((entry) => entry.slice(1))
  const plain = permissions.filter((entry) => !identifiers.some((identifier) => entry.endsWith(`@${identifier}`)))
  const resources = identifiers.flatMap((identifier) => parts.resources.get(identifier) ?? [])
  return [
    ...groupScope(plain, [], { ownName, locale }),
    ...resources.flatMap((resource) => groupScope(scopesAt(resource, permissions), [resource], { ownName, locale })),
  ]
}

function scopesAt({ identifier, scopes }: Resource, permissions: readonly string[]): readonly string[] {
  return scopes.filter((scope) => permissions.includes(`${scope}@${identifier}`))
}
