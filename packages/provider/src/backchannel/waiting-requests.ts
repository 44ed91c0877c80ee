import { mac } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { PendingGrantRecord } from '../store/store.ts'

/** So many requests may wait for one person at a time: nobody is flooded until they press Allow to have peace. */
const places = 8

/** Each place of a person is one lookup, unique in the store, so that every node keeps the limit together. */
function lookups({ formKey }: Pick<Parts, 'formKey'>, sub: string): readonly string[] {
  return Array.from({ length: places }, (_, place) => mac(formKey, `waiting ${place} ${sub}`))
}

/** Keeps a request at a free place of its person; false when none is free. */
export async function keepWaiting(
  parts: Pick<Parts, 'formKey' | 'store'>,
  sub: string,
  record: Omit<PendingGrantRecord, 'lookup'>,
): Promise<boolean> {
  for (const lookup of lookups(parts, sub)) {
    if ((await parts.store.pendingGrants.create({ ...record, lookup })) === 'created') return true
  }
  return false
}

/** What waits for a person now, oldest first. */
export async function waitingFor(parts: Parts, sub: string): Promise<readonly PendingGrantRecord[]> {
  const now = parts.runtime.now()
  const found = await Promise.all(
    lookups(parts, sub).map((lookup) => parts.store.pendingGrants.findByLookup(lookup, now)),
  )
  return found
    .filter((record): record is PendingGrantRecord => record?.kind === 'ciba')
    .sort((a, b) => a.createdAt - b.createdAt)
}
