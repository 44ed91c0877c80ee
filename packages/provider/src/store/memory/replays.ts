import type { ReplayStore } from '../store.ts'
import type { Tables } from './tables.ts'

export function memoryReplays({ replays }: Tables): ReplayStore {
  return {
    async remember(key, expiresAt, now) {
      const seen = replays.get(key)
      if (seen !== undefined && seen.expiresAt > now) return false
      replays.set(key, { expiresAt })
      return true
    },
  }
}
