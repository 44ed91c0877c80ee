import type { SessionStore } from '../store.ts'
import { insert, type Tables } from './tables.ts'

export function memorySessions({ sessions }: Tables): SessionStore {
  return {
    async create(record, replaces) {
      insert(sessions, record.hash, record)
      if (replaces !== null) sessions.delete(replaces)
    },
    async find(hash, now) {
      const record = sessions.get(hash)
      return record !== undefined && record.expiresAt > now ? record : null
    },
    async end(hash) {
      const record = sessions.get(hash) ?? null
      sessions.delete(hash)
      return record
    },
  }
}
