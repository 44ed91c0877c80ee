import { createSessionListeners } from './session-listeners.ts'
import type {
  BffSessionRecord,
  EndReason,
  RefreshClaim,
  RefreshHolder,
  SessionFilter,
  SessionStore,
} from './session-store.ts'

interface Row {
  readonly record: BffSessionRecord
  readonly ended: { readonly at: number; readonly because: EndReason } | null
  readonly fence: number
  readonly lease: Omit<RefreshHolder, 'fence' | 'holder'> | null
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
      rows.set(record.hash, { record, ended: null, fence: 0, lease: null })
      const before = replaces === null ? undefined : rows.get(replaces)
      if (before !== undefined) end(parts, before, { at: record.createdAt, because: 'replaced' })
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

function revocation(parts: Parts): Pick<SessionStore, 'revoke' | 'whyEnded' | 'list'> {
  const { rows } = parts
  return {
    async revoke(filter, now, because = 'revoked') {
      const named = [...rows.values()].filter((row) => matches(row.record, filter))
      const lived = named.filter((row) => isAlive(row, now))
      for (const row of named) end(parts, row, { at: now, because })
      return lived.length
    },
    async whyEnded(hash) {
      return rows.get(hash)?.ended?.because ?? null
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
function end({ rows, tell }: Parts, row: Row, ended: Row['ended']): void {
  if (row.ended !== null) return
  const record = { ...row.record, sealedTokens: '' }
  rows.set(record.hash, { ...row, record, ended, lease: null })
  tell(record.hash)
}

function alive(rows: ReadonlyMap<string, Row>, hash: string, now: number): Row | null {
  const row = rows.get(hash)
  return row !== undefined && isAlive(row, now) ? row : null
}

/** Every claim is this process's own. */
const holder = 'this process'

type Leases = 'claimRefresh' | 'announceRequest' | 'renewLease' | 'commitTokens' | 'releaseRefresh' | 'isGone'

/** Renewal by one holder at a time: a lease says who may, a fence says who was the last that could. */
function leases({ rows, tell }: Parts): Pick<SessionStore, Leases> {
  const held = (hash: string, fence: number, now: number) => {
    const row = alive(rows, hash, now)
    return row === null || row.fence !== fence || row.lease === null ? null : { row, lease: row.lease }
  }
  return {
    async claimRefresh(hash, version, { now, leaseSeconds, instead }): Promise<RefreshClaim> {
      const row = alive(rows, hash, now)
      if (row === null) return { outcome: 'gone' }
      if (row.record.version !== version) return { outcome: 'moved' }
      const { lease, fence } = row
      const isBusy = lease !== null && Math.max(lease.leaseEndsAt, lease.asked?.answerBy ?? 0) > now
      if (isBusy && fence !== instead) return { outcome: 'busy', fence, holder, ...lease }
      rows.set(hash, { ...row, fence: fence + 1, lease: { leaseEndsAt: now + leaseSeconds, asked: null } })
      return { outcome: 'claimed', fence: fence + 1 }
    },
    async announceRequest(hash, fence, { now, leaseSeconds, answerBy }) {
      const mine = held(hash, fence, now)
      if (mine === null) return false
      const lease = { leaseEndsAt: now + leaseSeconds, asked: { at: now, answerBy } }
      rows.set(hash, { ...mine.row, lease })
      return true
    },
    async renewLease(hash, fence, { now, leaseSeconds }) {
      const mine = held(hash, fence, now)
      if (mine === null) return false
      rows.set(hash, { ...mine.row, lease: { ...mine.lease, leaseEndsAt: now + leaseSeconds } })
      return true
    },
    async commitTokens(hash, { sealedTokens, version, fence, now }) {
      if (alive(rows, hash, now) === null) return 'gone'
      const mine = held(hash, fence, now)
      if (mine === null || mine.row.record.version !== version) return 'superseded'
      const record = { ...mine.row.record, sealedTokens, version: version + 1 }
      rows.set(hash, { ...mine.row, record, lease: null })
      tell(hash)
      return 'committed'
    },
    async releaseRefresh(hash, fence) {
      const row = rows.get(hash)
      if (row?.fence === fence) rows.set(hash, { ...row, lease: null })
    },
    isGone: async () => false,
  }
}

function isAlive({ record, ended }: Row, now: number): boolean {
  return ended === null && record.idleExpiresAt > now && record.absoluteExpiresAt > now
}

function isForgettable({ record, ended }: Row, now: number): boolean {
  if (ended !== null) return ended.at + tombstoneSeconds <= now
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
  if (!('sid' in filter)) return record.clientId === filter.clientId
  return record.sid === filter.sid && record.clientId === filter.clientId
}
