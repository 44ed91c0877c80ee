import type { HandleHash, PushedRequestRecord, PushedRequestStore } from '../store.ts'
import { insert, type Tables } from './tables.ts'

export function memoryPushedRequests({ pushedRequests }: Tables): PushedRequestStore {
  function alive(hash: HandleHash, clientId: string, now: number): PushedRequestRecord | null {
    const record = pushedRequests.get(hash)
    return record === undefined || record.clientId !== clientId || record.expiresAt <= now ? null : record
  }
  return {
    async create(record) {
      insert(pushedRequests, record.hash, record)
    },
    find: async (hash, clientId, now) => alive(hash, clientId, now),
    async consume(hash, clientId, now) {
      const record = alive(hash, clientId, now)
      if (record !== null) pushedRequests.delete(hash)
      return record
    },
  }
}
