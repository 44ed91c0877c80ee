import { createRecentlyUsed } from '@latchkey/protocol'
import type { CodeRecord, HandleHash, RefreshTokenRecord } from '../store/store.ts'

/** Records that this process made, until they are presented. */
export interface Remembered<Record extends { readonly hash: HandleHash }> {
  note(record: Record): void
  /** The record, once: whoever comes again asks the store. */
  take(hash: HandleHash): Record | undefined
}

/**
 * What was decided of a code or a refresh token never changes, so that the process that issued it need not ask the store
 * for it. What became of it since the store alone knows: its verb judges, here as for any other.
 */
export interface IssuedHere {
  readonly codes: Remembered<CodeRecord>
  readonly refreshTokens: Remembered<RefreshTokenRecord>
}

/** Of each kind; at about a kilobyte each. The oldest make room. */
const most = 5000

export function createIssuedHere(limit = most): IssuedHere {
  return { codes: remembered(limit), refreshTokens: remembered(limit) }
}

function remembered<Record extends { readonly hash: HandleHash }>(limit: number): Remembered<Record> {
  const records = createRecentlyUsed<Record>(limit)
  return {
    note: (record) => records.set(record.hash, record),
    take(hash) {
      const record = records.get(hash)
      records.delete(hash)
      return record
    },
  }
}
