import type { HandleHash, InteractionRecord, InteractionStore } from '../store.ts'
import { insert, type Tables } from './tables.ts'

export function memoryInteractions({ interactions }: Tables): InteractionStore {
  function alive(hash: HandleHash, now: number): InteractionRecord | null {
    const record = interactions.get(hash)
    return record !== undefined && record.expiresAt > now ? record : null
  }
  return {
    async create(record) {
      insert(interactions, record.hash, record)
    },
    async find(hash, now) {
      return alive(hash, now)
    },
    async recordSignIn(hash, sessionHash, now) {
      const record = alive(hash, now)
      if (record === null) return false
      interactions.set(hash, { ...record, sessionHash })
      return true
    },
    async consume(hash, now) {
      const record = alive(hash, now)
      if (record !== null) interactions.delete(hash)
      return record
    },
  }
}
