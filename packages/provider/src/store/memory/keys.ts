import type { KeyStore } from '../store.ts'
import type { Tables } from './tables.ts'

export function memoryKeys({ keys }: Tables): KeyStore {
  return {
    async list() {
      return [...keys.values()].sort((a, b) => a.createdAt - b.createdAt || (a.kid < b.kid ? -1 : 1))
    },
    async ensure(record) {
      const standing = [...keys.values()].find((key) => key.alg === record.alg)
      if (standing !== undefined) return standing
      keys.set(record.kid, record)
      return record
    },
  }
}
