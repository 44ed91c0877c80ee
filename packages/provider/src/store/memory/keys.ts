import type { KeyRecord, KeyStore } from '../store.ts'
import type { Tables } from './tables.ts'

export function memoryKeys({ keys }: Tables): KeyStore {
  const oldestFirst = () => [...keys.values()].sort((a, b) => a.createdAt - b.createdAt || (a.kid < b.kid ? -1 : 1))
  const replace = (record: KeyRecord): boolean => {
    if (keys.get(record.kid)?.version !== record.version - 1) return false
    keys.set(record.kid, record)
    return true
  }
  return {
    async list() {
      return oldestFirst()
    },
    async ensure(record) {
      const standing = oldestFirst().find((key) => key.alg === record.alg)
      if (standing !== undefined) return standing
      keys.set(record.kid, record)
      return record
    },
    async update(record) {
      return replace(record) ? 'updated' : 'stale'
    },
    async succeed(retiring, successor) {
      if (!replace(retiring)) return 'stale'
      keys.set(successor.kid, successor)
      return 'succeeded'
    },
    async remove(kid) {
      return keys.delete(kid)
    },
  }
}
