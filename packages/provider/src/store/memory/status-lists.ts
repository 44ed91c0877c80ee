import type { Revocation, StatusEntry, StatusListStore } from '../store.ts'
import { insert, type Tables } from './tables.ts'

export type StoredStatusEntry = StatusEntry & { readonly isRevoked: boolean }

export function memoryStatusLists(tables: Tables): StatusListStore {
  const { statusLists, statusEntries } = tables
  return {
    async open(record) {
      insert(statusLists, record.id, record)
    },
    async enter(entry) {
      mustBeFree(tables, entry)
      writeStatus(tables, entry)
    },
    async read(id, now) {
      const list = statusLists.get(id)
      if (list === undefined || list.expiresAt <= now) return null
      const revoked: number[] = []
      for (const entry of statusEntries.values()) if (entry.listId === id && entry.isRevoked) revoked.push(entry.index)
      return { list, revoked: revoked.sort((a, b) => a - b) }
    },
    async current(now) {
      return [...statusLists.values()].filter(({ expiresAt }) => expiresAt > now).map(({ id }) => id)
    },
  }
}

/** @throws Error when the token has a place or the place a token */
export function mustBeFree({ statusEntries }: Tables, { jti, listId, index }: StatusEntry): void {
  for (const entry of statusEntries.values()) {
    if (entry.jti === jti || (entry.listId === listId && entry.index === index)) {
      throw new Error('an index of a status list is given once and never again')
    }
  }
}

export function writeStatus({ statusEntries }: Tables, entry: StatusEntry): void {
  statusEntries.set(entry.jti, { ...entry, isRevoked: false })
}

/** Marks what an entry of the revocation log covers. */
export function markStatus({ statusEntries }: Tables, { kind, id }: Pick<Revocation, 'kind' | 'id'>): void {
  for (const [jti, entry] of statusEntries) {
    const isCovered =
      (kind === 'token' && jti === id) ||
      (kind === 'family' && jti.startsWith(`${id}.`)) ||
      (kind === 'client' && entry.clientId === id) ||
      (kind === 'key' && entry.kid === id)
    if (isCovered) statusEntries.set(jti, { ...entry, isRevoked: true })
  }
}
