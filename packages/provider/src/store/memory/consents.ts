import type { ConsentStore } from '../store.ts'
import type { Tables } from './tables.ts'

export function memoryConsents({ consents }: Tables): ConsentStore {
  return {
    async find(sub, clientId) {
      return consents.get(keyOf(sub, clientId))?.permissions ?? []
    },
    async grant(sub, clientId, permissions) {
      const key = keyOf(sub, clientId)
      const before = consents.get(key)?.permissions ?? []
      consents.set(key, { sub, clientId, permissions: [...new Set([...before, ...permissions])] })
    },
    async revoke(sub, clientId) {
      return consents.delete(keyOf(sub, clientId))
    },
  }
}

const keyOf = (sub: string, clientId: string): string => JSON.stringify([sub, clientId])
