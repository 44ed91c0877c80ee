import type { BffSessionRecord } from '../session-store.ts'

export const now = 1_800_000_000
let serial = 0

export function sessionRecord(overrides: Partial<BffSessionRecord> = {}): BffSessionRecord {
  serial++
  return {
    hash: `${String(serial).padStart(11, '0')}${'h'.repeat(32)}`,
    sub: `sub-${serial}`,
    sid: `sid-${serial}`,
    clientId: 'bff',
    sealedTokens: 'sealed-1',
    version: 1,
    createdAt: now,
    lastSeenAt: now,
    idleExpiresAt: now + 1800,
    absoluteExpiresAt: now + 28_800,
    ...overrides,
  }
}
