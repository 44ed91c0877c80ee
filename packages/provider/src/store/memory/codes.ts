import type { CodeStore } from '../store.ts'
import { isEnded, rememberEnded } from './families.ts'
import { writeIssued } from './issued.ts'
import { insert, type Tables } from './tables.ts'

export function memoryCodes(tables: Tables): CodeStore {
  const { codes } = tables
  return {
    async create(record) {
      insert(codes, record.hash, { ...record, consumedAt: null })
    },
    async find(hash) {
      return codes.get(hash) ?? null
    },
    async redeem(hash, issued, now) {
      const code = codes.get(hash)
      if (code === undefined) return 'unknown'
      if (code.consumedAt !== null) {
        rememberEnded(tables, code.grounds, { now, expiresAt: code.expiresAt })
        return 'reused'
      }
      if (code.expiresAt <= now || isEnded(tables, code.grounds.familyId)) return 'unknown'
      writeIssued(tables, issued, { grounds: code.grounds, now })
      codes.set(hash, { ...code, consumedAt: now })
      return 'redeemed'
    },
  }
}
