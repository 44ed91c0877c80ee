import type { LogoutDelivery, LogoutDeliveryStore, SessionRecord } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

type Row = Schema['logout_deliveries']

/** For which a client that does not answer is told again that a session ended. */
export const logoutTriedForSeconds = 86_400

/** Holds for what may be settled: not a logout token that was queued anew while it was on its way. */
export const isSettleable = '(attempts > 0 or ping is not null)'

/** Queues what tells the clients noted in a session of its end, all of them or one, inside the caller's transaction. */
export type QueueLogouts = (
  session: Pick<SessionRecord, 'sid' | 'sub'>,
  at: { readonly now: number; readonly only?: string },
) => void

export function logoutQueue(db: SqliteDatabase): QueueLogouts {
  const queue = db.prepare(
    `insert into logout_deliveries (id, client_id, sub, sid, attempts, next_attempt_at, expires_at, ping)
     select 'logout ' || sid || ' ' || client_id, client_id, ?2, sid, 0, ?3, ?4, null from session_clients
     where sid = ?1 and (?5 is null or client_id = ?5)
     on conflict (id) do update set attempts = 0, next_attempt_at = excluded.next_attempt_at,
       expires_at = excluded.expires_at`,
  )
  return ({ sid, sub }, { now, only }) => void queue.run(sid, sub, now, now + logoutTriedForSeconds, only ?? null)
}

export function sqliteLogoutDeliveries(db: SqliteDatabase): LogoutDeliveryStore {
  const insert = db.prepare(
    `insert into logout_deliveries (id, client_id, sub, sid, attempts, next_attempt_at, expires_at, ping)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const due = db.prepare<Row>(
    `select * from logout_deliveries where next_attempt_at <= ?1 and expires_at > ?1
     order by next_attempt_at, id limit ?2`,
  )
  const lease = db.prepare('update logout_deliveries set attempts = attempts + 1, next_attempt_at = ? where id = ?')
  const remove = db.prepare(`delete from logout_deliveries where id = ? and ${isSettleable}`)
  const retry = db.prepare(`update logout_deliveries set next_attempt_at = ? where id = ? and ${isSettleable}`)
  return {
    enqueue: (deliveries) =>
      db.write(() => {
        for (const { id, clientId, sub, sid, attempts, nextAttemptAt, expiresAt, ping } of deliveries) {
          insert.run(id, clientId, sub, sid, attempts, nextAttemptAt, expiresAt, ping)
        }
      }),
    claim: ({ now, leaseSeconds, limit }) =>
      db.write(() => {
        const rows = due.all(now, limit)
        for (const { id } of rows) lease.run(now + leaseSeconds, id)
        return rows.map(deliveryOf)
      }),
    settle: (id, retryAt) =>
      db.write(() => {
        if (retryAt === null) remove.run(id)
        else retry.run(retryAt, id)
      }),
  }
}

export function deliveryOf(row: Row): LogoutDelivery {
  return {
    id: row.id,
    clientId: row.client_id,
    sub: row.sub,
    sid: row.sid,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    expiresAt: row.expires_at,
    ping: row.ping,
  }
}
