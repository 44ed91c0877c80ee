import type { RegisteredClient, Resource } from '../config.ts'
import type { Parts } from '../parts.ts'
import { defaultStatusLists, type StatusListOptions } from './status-list-options.ts'
import { createStatusPlaces, type StatusPlace, type StatusPlaces } from './status-places.ts'

export interface StatusListSettings extends Required<StatusListOptions> {
  readonly address: (listId: string) => string
  readonly aggregation: string
}

/** What the provider has of status lists, where they are switched on. */
export interface StatusLists {
  readonly settings: StatusListSettings
  readonly places: StatusPlaces
}

export const statusListPath = '/status-lists'

type ListParts = Pick<Parts, 'issuer' | 'store' | 'runtime' | 'lifetimes'>

export function createStatusLists(parts: ListParts, options: StatusListOptions | undefined): StatusLists | null {
  if (options === undefined) return null
  const { issuer, store, runtime, lifetimes } = parts
  const address = (listId: string) => `${issuer}${statusListPath}/${listId}`
  const settings = { ...defaultStatusLists, ...options, address, aggregation: issuer + statusListPath }
  const longestToken = lifetimes.access_token
  return { settings, places: createStatusPlaces({ store, runtime, size: settings.size, longestToken, address }) }
}

/** A place for the token's status, where its resource or its client asks for one. @spec Token Status List §6.1 */
export function takeStatusPlace(
  { statusLists }: Pick<Parts, 'statusLists'>,
  { client, resource }: { readonly client: RegisteredClient; readonly resource: Resource | null },
  now: number,
): StatusPlace | null | Promise<StatusPlace> {
  if (statusLists === null || resource?.access_token_format !== 'jwt') return null
  const isAskedFor = resource.access_token_status_list === true || client.metadata.access_token_status_list
  return isAskedFor ? statusLists.places.take(now) : null
}
