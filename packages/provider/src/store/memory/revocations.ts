import type { Revocation, RevocationLog } from '../store.ts'
import { markStatus } from './status-lists.ts'
import type { Tables } from './tables.ts'

export function memoryRevocations(tables: Tables): RevocationLog {
  const { revocations, revocationListeners } = tables
  const latest = (): number => [...revocations.keys()].at(-1) ?? 0
  const following = (sequence: number): Revocation[] =>
    [...revocations.values()].filter((entry) => entry.sequence > sequence)
  return {
    async after(sequence, limit) {
      return following(sequence).slice(0, limit)
    },
    async snapshot({ now, after, limit }) {
      const entries = following(after)
        .filter((entry) => entry.expiresAt > now)
        .slice(0, limit)
      const isFull = entries.length === limit
      return { entries, upTo: isFull ? (entries.at(-1)?.sequence ?? after) : Math.max(after, latest()) }
    },
    async append(entry) {
      appendRevocation(tables, entry)
    },
    subscribe(listener) {
      const entry = { call: listener }
      revocationListeners.add(entry)
      return () => void revocationListeners.delete(entry)
    },
  }
}

export function appendRevocation(tables: Tables, entry: Omit<Revocation, 'sequence'>): void {
  const { revocations, revocationListeners, counters } = tables
  markStatus(tables, entry)
  counters.sequence++
  revocations.set(counters.sequence, { sequence: counters.sequence, ...entry })
  for (const listener of revocationListeners) queueMicrotask(() => listener.call())
}
