import type { Grounds, PendingGrantRecord, PendingGrantStore, Poll } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import type { IssuedSteps } from './issued.ts'

export type PendingRow = Pick<
  Schema['pending_grants'],
  'decision' | 'polled_at' | 'interval_seconds' | 'expires_at' | 'data'
>
const columns = 'decision, polled_at, interval_seconds, expires_at, data'

/** @spec RFC 8628 §3.5 */
export const slowDownSeconds = 5
export const denied = 'denied'

export function sqlitePendingGrants(
  db: SqliteDatabase,
  families: FamilySteps,
  issuing: IssuedSteps,
): PendingGrantStore {
  const { find, findByLookup, isNamed, forgetName, insert, decide, polled, remove } = prepare(db)
  return {
    create: (record) =>
      db.write(() => {
        const { hash, lookup, clientId, intervalSeconds, createdAt, expiresAt } = record
        if (lookup !== null && isNamed.get(lookup, createdAt) !== undefined) return 'taken'
        if (lookup !== null) forgetName.run(lookup)
        insert.run(hash, lookup, clientId, intervalSeconds, expiresAt, JSON.stringify(record))
        return 'created'
      }),
    find: (hash, now) => db.read(() => pendingGrantOf(find.get(hash, now))),
    findByLookup: (lookup, now) => db.read(() => pendingGrantOf(findByLookup.get(lookup, now))),
    decide: (hash, decision, now) =>
      db.write(() => {
        const { text, sid } = decisionText(decision)
        return decide.run(text, sid, hash, now).changes === 1
      }),
    poll: (hash, now) =>
      db.write((): Poll => {
        const row = find.get(hash, -1)
        if (row === undefined) return { outcome: 'unknown' }
        if (row.expires_at <= now) return { outcome: 'expired' }
        if (row.decision !== null) return decidedPoll(row.decision)
        const isEarly = row.polled_at !== null && now < row.polled_at + row.interval_seconds
        polled.run(now, isEarly ? slowDownSeconds : 0, hash)
        return { outcome: isEarly ? 'slow_down' : 'pending' }
      }),
    redeem: (hash, issued, now) =>
      db.write(() => {
        const decision = find.get(hash, now)?.decision ?? null
        if (decision === null || decision === denied) return 'unknown'
        const grounds = JSON.parse(decision) as Grounds
        if (families.isEnded(grounds.familyId)) return 'unknown'
        issuing.write(issued, { whose: () => grounds, now, familyEnd: null })
        remove.run(hash)
        return 'redeemed'
      }),
  }
}

function prepare(db: SqliteDatabase) {
  return {
    find: db.prepare<PendingRow>(`select ${columns} from pending_grants where hash = ? and expires_at > ?`),
    findByLookup: db.prepare<PendingRow>(
      `select ${columns} from pending_grants where lookup = ? and expires_at > ? and decision is null`,
    ),
    isNamed: db.prepare('select 1 from pending_grants where lookup = ? and expires_at > ?'),
    forgetName: db.prepare('update pending_grants set lookup = null where lookup = ?'),
    insert: db.prepare(
      `insert into pending_grants (hash, lookup, client_id, sid, decision, polled_at, interval_seconds, expires_at, data)
       values (?, ?, ?, null, null, null, ?, ?, ?)`,
    ),
    decide: db.prepare(
      'update pending_grants set decision = ?, sid = ? where hash = ? and expires_at > ? and decision is null',
    ),
    polled: db.prepare(
      'update pending_grants set polled_at = ?, interval_seconds = interval_seconds + ? where hash = ?',
    ),
    remove: db.prepare('delete from pending_grants where hash = ?'),
  }
}

export function decisionText(decision: { readonly approved: Grounds } | 'denied') {
  if (decision === denied) return { text: denied, sid: null }
  return { text: JSON.stringify(decision.approved), sid: decision.approved.sid }
}

export function decidedPoll(decision: string): Poll {
  return decision === denied ? { outcome: denied } : { outcome: 'approved', grounds: JSON.parse(decision) as Grounds }
}

export function pendingGrantOf(
  row: Pick<PendingRow, 'interval_seconds' | 'data'> | undefined,
): PendingGrantRecord | null {
  if (row === undefined) return null
  return { ...(JSON.parse(row.data) as PendingGrantRecord), intervalSeconds: row.interval_seconds }
}
