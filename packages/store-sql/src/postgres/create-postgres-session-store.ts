import type { EndReason, RefreshClaim, SessionFilter, SessionStore } from '@latchkey/bff'
import { busyWith, type ClaimRow, type SessionRow, sessionOf } from '../bff/session-row.ts'
import type { PostgresDatabase } from './postgres.ts'
import { rememberOnce } from './provider/keys-and-replays.ts'
import { createPostgresSweep } from './sweep.ts'

const channel = 'latchkey_sessions'
/** How long a revoked session's row is kept, so that whoever still holds it is refused. */
const tombstoneSeconds = 3600

/** Holds for a session that is neither revoked nor expired; `$1` is now. */
const isAlive = 'revoked_at is null and idle_expires_at > $1 and absolute_expires_at > $1'
/** A tombstone keeps the key, so that the session is never written again, and no tokens. */
const tombstone = "sealed_tokens = '', lease_ends_at = null"

/** The BFF's sessions in PostgreSQL. `close` lets go of the pool; the last store of it closes it. */
export function createPostgresSessionStore(db: PostgresDatabase): SessionStore {
  const changes = createChanges(db)
  return {
    ...lifetime(db, changes),
    ...renewal(db, changes),
    ...revocation(db, changes),
    rememberOnce: rememberOnce(db, 'bff_once'),
    sweep: createPostgresSweep(db, [
      { table: 'bff_sessions', condition: 'idle_expires_at <= $1 and revoked_at is null' },
      { table: 'bff_sessions', condition: `revoked_at <= $1 - ${tombstoneSeconds}` },
      { table: 'bff_once', condition: 'expires_at <= $1' },
    ]),
    subscribe: changes.subscribe,
    close: db.hold(),
  }
}

interface Changes {
  tell(hashes: readonly string[]): void
  subscribe: SessionStore['subscribe']
}

/** Listeners of this process hear at once, those of other nodes by NOTIFY. */
function createChanges(db: PostgresDatabase): Changes {
  const listeners = new Set<{ readonly call: (hash: string | null) => void }>()
  const origin = Buffer.from(db.runtime.randomBytes(9)).toString('base64url')
  let deafen: (() => void) | undefined
  function call(hash: string | null): void {
    for (const entry of listeners) queueMicrotask(() => entry.call(hash))
  }
  function hear(payload: string | null): void {
    const [from, hash = null] = payload?.split(' ') ?? []
    if (from !== origin) call(hash)
  }
  return {
    tell(hashes) {
      for (const hash of hashes) call(hash)
      db.notifications.tell(
        channel,
        hashes.map((hash) => `${origin} ${hash}`),
      )
    },
    subscribe(listener) {
      const entry = { call: listener }
      if (listeners.size === 0) deafen = db.notifications.listen(channel, hear)
      listeners.add(entry)
      return () => {
        listeners.delete(entry)
        if (listeners.size === 0) deafen?.()
      }
    },
  }
}

function lifetime(db: PostgresDatabase, changes: Changes): Pick<SessionStore, 'create' | 'load' | 'touch'> {
  return {
    async create(record, replaces) {
      const { hash, sub, sid, clientId, sealedTokens, version, createdAt, lastSeenAt } = record
      const ended = await db.write<{ readonly hash: string }>(
        `with made as (
           insert into bff_sessions (hash, sub, sid, client_id, sealed_tokens, version, created_at, last_seen_at,
             idle_expires_at, absolute_expires_at, revoked_at, fence, lease_ends_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, least($9::bigint, $10::bigint), $10, null, 0, null))
         update bff_sessions set revoked_at = $7, ended_because = 'replaced', ${tombstone} where hash = $11 and revoked_at is null returning hash`,
        [
          ...[hash, sub, sid, clientId, sealedTokens, version, createdAt, lastSeenAt],
          ...[record.idleExpiresAt, record.absoluteExpiresAt, replaces],
        ],
      )
      changes.tell(ended.map((row) => row.hash))
    },
    async load(hash, now) {
      const [row] = await db.read<SessionRow>(`select * from bff_sessions where ${isAlive} and hash = $2`, [now, hash])
      return row === undefined ? null : sessionOf(row)
    },
    async touch(hash, { now, idleExpiresAt }) {
      const touched = await db.count(
        `update bff_sessions set last_seen_at = greatest(last_seen_at, $1),
           idle_expires_at = least(greatest(idle_expires_at, $3), absolute_expires_at)
         where ${isAlive} and hash = $2`,
        [now, hash, idleExpiresAt],
      )
      return touched === 1
    },
  }
}

type Verb = 'claimRefresh' | 'announceRequest' | 'renewLease' | 'commitTokens' | 'releaseRefresh' | 'isGone'

function renewal(db: PostgresDatabase, changes: Changes): Pick<SessionStore, Verb> {
  const holder = Buffer.from(db.runtime.randomBytes(9)).toString('base64url')
  return {
    async claimRefresh(hash, version, { now, leaseSeconds, instead = null }) {
      const [row] = await db.write<ClaimRow & { readonly outcome: RefreshClaim['outcome'] }>(
        'select * from latchkey_claim_renewal($1, $2, $3, $4, $5, $6)',
        [hash, version, now, Math.ceil(now + leaseSeconds), holder, instead],
      )
      if (row?.outcome === 'claimed') return { outcome: 'claimed', fence: row.fence }
      if (row?.outcome === 'busy') return busyWith(row)
      return { outcome: row?.outcome ?? 'gone' }
    },
    async announceRequest(hash, fence, { now, leaseSeconds, answerBy }) {
      const announced = await db.count(
        `update bff_sessions set lease_ends_at = $4, asked_at = $1, answer_by = $5
         where ${isAlive} and hash = $2 and fence = $3 and lease_ends_at is not null`,
        [now, hash, fence, Math.ceil(now + leaseSeconds), Math.ceil(answerBy)],
      )
      return announced === 1
    },
    async renewLease(hash, fence, { now, leaseSeconds }) {
      const renewed = await db.count(
        `update bff_sessions set lease_ends_at = $4
         where ${isAlive} and hash = $2 and fence = $3 and lease_ends_at is not null`,
        [now, hash, fence, Math.ceil(now + leaseSeconds)],
      )
      return renewed === 1
    },
    async commitTokens(hash, { sealedTokens, version, fence, now }) {
      const [row] = await db.write<{ readonly outcome: 'committed' | 'superseded' | 'gone' }>(
        'select latchkey_commit_tokens($1, $2, $3, $4, $5) as outcome',
        [hash, sealedTokens, version, fence, now],
      )
      if (row?.outcome === 'committed') changes.tell([hash])
      return row?.outcome ?? 'gone'
    },
    async releaseRefresh(hash, fence) {
      await db.write('update bff_sessions set lease_ends_at = null where hash = $1 and fence = $2', [hash, fence])
    },
    isGone: async () => false,
  }
}

function revocation(db: PostgresDatabase, changes: Changes): Pick<SessionStore, 'revoke' | 'whyEnded' | 'list'> {
  return {
    async revoke(filter, now, because = 'revoked') {
      const { where, values } = named(filter)
      const rows = await db.write<{ readonly hash: string; readonly alive: boolean }>(
        `with named as materialized (
           select hash, (${isAlive}) as alive from bff_sessions where revoked_at is null and ${where}
           order by hash for no key update)
         update bff_sessions set revoked_at = $1, ended_because = $${values.length + 2}, ${tombstone}
         from named where bff_sessions.hash = named.hash
         returning named.hash, named.alive`,
        [now, ...values, because],
      )
      changes.tell(rows.map((row) => row.hash))
      return rows.filter((row) => row.alive).length
    },
    async whyEnded(hash) {
      const [row] = await db.read<{ readonly ended_because: EndReason | null }>(
        'select ended_because from bff_sessions where hash = $1 and revoked_at is not null',
        [hash],
      )
      return row?.ended_because ?? null
    },
    async list(filter, { after = '', limit, now }) {
      const { where, values } = named(filter)
      const rows = await db.read<SessionRow>(
        `select * from bff_sessions where ${isAlive} and ${where} and hash > $${values.length + 2}
         order by hash limit $${values.length + 3}`,
        [now, ...values, after, limit],
      )
      return rows.map(sessionOf)
    },
  }
}

/** The condition of a filter, its values from `$2` on. */
function named(filter: SessionFilter): { readonly where: string; readonly values: readonly string[] } {
  if ('hash' in filter) return { where: 'hash = $2', values: [filter.hash] }
  if ('sub' in filter) return { where: 'sub = $2', values: [filter.sub] }
  if (!('sid' in filter)) return { where: 'client_id = $2', values: [filter.clientId] }
  return { where: 'sid = $2 and client_id = $3', values: [filter.sid, filter.clientId] }
}
