import type { LogoutDelivery, LogoutDeliveryStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

type Row = Schema['logout_deliveries']

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
  const remove = db.prepare('delete from logout_deliveries where id = ?')
  const retry = db.prepare('update logout_deliveries set next_attempt_at = ? where id = ?')
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
