import { createSessionListeners } from './session-listeners.ts'
import type { BffSessionRecord, RefreshClaim, SessionFilter, SessionStore } from './session-store.ts'

interface Row {
  readonly record: BffSessionRecord
  readonly revokedAt: number | null
  readonly fence: number
  /** Null when nobody holds the lease. */
  readonly leaseEndsAt: number | null
}

/** How long a revoked session's row is kept, so that whoever still holds it is refused. */
const tombstoneSeconds = 3600

/** BFF sessions for tests and trials: one process, gone when it ends. */
export function createMemorySessionStore(): SessionStore {
  const rows = new Map<string, Row>()
  const seen = new Map<string, number>()
  const listeners = createSessionListeners()
  const parts = { rows, tell: listeners.tell }
  return {
    ...lifetime(parts),
    ...leases(parts),
    ...revocation(parts),
    async rememberOnce(key, expiresAt, now) {
      if ((seen.get(key) ?? now) > now) return false
      seen.set(key, expiresAt)
      return true
    },
    async sweep(now, limit) {
      const old = [...rows].filter(([, row]) => isForgettable(row, now)).slice(0, limit)
      for (const [hash] of old) rows.delete(hash)
      const past = [...seen].filter(([, expiresAt]) => expiresAt <= now).slice(0, limit - old.length)
      for (const [key] of past) seen.delete(key)
      return old.length + past.length
    },
    subscribe: listeners.add,
    async close() {},
  }
}

interface Parts {
  readonly rows: Map<string, Row>
  readonly tell: (hash: string) => void
}

function lifetime(parts: Parts): Pick<SessionStore, 'create' | 'load' | 'touch'> {
  const { rows } = parts
  return {
    async create(record, replaces) {
      if (rows.has(record.hash)) throw new Error('a session with this hash exists or has existed')
      rows.set(record.hash, { record, revokedAt: null, fence: 0, leaseEndsAt: null })
      const before = replaces === null ? undefined : rows.get(replaces)
      if (before !== undefined) end(parts, before, record.createdAt)
    },
    async load(hash, now) {
      return alive(rows, hash, now)?.record ?? null
    },
    async touch(hash, { now, idleExpiresAt }) {
      const row = alive(rows, hash, now)
      if (row === null) return false
      rows.set(hash, { ...row, record: slide(row.record, now, idleExpiresAt) })
      return true
    },
  }
}

function revocation(parts: Parts): Pick<SessionStore, 'revoke' | 'list'> {
  const { rows } = parts
  return {
    async revoke(filter, now) {
      const named = [...rows.values()].filter((row) => matches(row.record, filter))
      const lived = named.filter((row) => isAlive(row, now))
      for (const row of named) end(parts, row, now)
      return lived.length
    },
    async list(filter, { after = '', limit, now }) {
      return [...rows.values()]
        .filter((row) => isAlive(row, now) && row.record.hash > after && matches(row.record, filter))
        .map((row) => row.record)
        .sort((a, b) => (a.hash < b.hash ? -1 : 1))
        .slice(0, limit)
    },
  }
}

/** A tombstone keeps the key, so that the session is never written again, and no tokens. */
function end({ rows, tell }: Parts, row: Row, now: number): void {
  if (row.revokedAt !== null) return
  const record = { ...row.record, sealedTokens: '' }
  rows.set(record.hash, { ...row, record, revokedAt: now, leaseEndsAt: null })
  tell(record.hash)
}

function alive(rows: ReadonlyMap<string, Row>, hash: string, now: number): Row | null {
  const row = rows.get(hash)
  return row !== undefined && isAlive(row, now) ? row : null
}

/** Renewal by one holder at a time: a lease says who may, a fence says who was the last that could. */
function leases({ rows, tell }: Parts) {
  return {
    async claimRefresh(
      hash: string,
      version: number,
      { now, leaseSeconds }: { now: number; leaseSeconds: number },
    ): Promise<RefreshClaim> {
      const row = alive(rows, hash, now)
      if (row === null) return { outcome: 'gone' }
      if (row.record.version !== version) return { outcome: 'moved' }
      if (row.leaseEndsAt !== null && row.leaseEndsAt > now) return { outcome: 'busy', leaseEndsAt: row.leaseEndsAt }
      rows.set(hash, { ...row, fence: row.fence + 1, leaseEndsAt: now + leaseSeconds })
      return { outcome: 'claimed', fence: row.fence + 1 }
    },
    async renewLease(hash: string, fence: number, { now, leaseSeconds }: { now: number; leaseSeconds: number }) {
      const row = alive(rows, hash, now)
      if (row === null || row.fence !== fence || row.leaseEndsAt === null) return false
      rows.set(hash, { ...row, leaseEndsAt: now + leaseSeconds })
      return true
    },
    async commitTokens(
      hash: string,
      commit: { sealedTokens: string; version: number; fence: number; now: number },
    ): Promise<'committed' | 'superseded' | 'gone'> {
      const row = alive(rows, hash, commit.now)
      if (row === null) return 'gone'
      const holds = row.fence === commit.fence && row.leaseEndsAt !== null
      if (!holds || row.record.version !== commit.version) return 'superseded'
      const record = { ...row.record, sealedTokens: commit.sealedTokens, version: commit.version + 1 }
      rows.set(hash, { ...row, record, leaseEndsAt: null })
      tell(hash)
      return 'committed'
    },
    async releaseRefresh(hash: string, fence: number): Promise<void> {
      const row = rows.get(hash)
      if (row?.fence === fence) rows.set(hash, { ...row, leaseEndsAt: null })
    },
  }
}

function isAlive({ record, revokedAt }: Row, now: number): boolean {
  return revokedAt === null && record.idleExpiresAt > now && record.absoluteExpiresAt > now
}

function isForgettable({ record, revokedAt }: Row, now: number): boolean {
  if (revokedAt !== null) return revokedAt + tombstoneSeconds <= now
  return record.idleExpiresAt <= now || record.absoluteExpiresAt <= now
}

/** Only ever later: an older request that arrives late takes nothing back. */
function slide(record: BffSessionRecord, now: number, idleExpiresAt: number): BffSessionRecord {
  return {
    ...record,
    lastSeenAt: Math.max(record.lastSeenAt, now),
    idleExpiresAt: Math.min(Math.max(record.idleExpiresAt, idleExpiresAt), record.absoluteExpiresAt),
  }
}

function matches(record: BffSessionRecord, filter: SessionFilter): boolean {
  if ('hash' in filter) return record.hash === filter.hash
  if ('sub' in filter) return record.sub === filter.sub
  return record.sid === filter.sid && record.clientId === filter.clientId
}
