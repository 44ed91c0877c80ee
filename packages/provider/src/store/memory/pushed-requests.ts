import type { PushedRequestStore } from '../store.ts'
import { insert, type Tables } from './tables.ts'

export function memoryPushedRequests({ pushedRequests }: Tables): PushedRequestStore {
  return {
    async create(record) {
      insert(pushedRequests, record.hash, record)
    },
    async consume(hash, clientId, now) {
      const record = pushedRequests.get(hash)
      if (record === undefined || record.clientId !== clientId || record.expiresAt <= now) return null
      pushedRequests.delete(hash)
      return record
    },
  }
}
