import type { LeaseStore, LogoutDeliveryStore } from '@latchkey/provider'
import { deliveryOf, isSettleable } from '../../provider/logout-deliveries.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'
import { places } from './issued-values.ts'

export function postgresLeases(db: PostgresDatabase): LeaseStore {
  return {
    async acquire(name, holder, { now, seconds }) {
      const [row] = await db.write<{ readonly fence: number }>(
        `insert into leases (name, holder, ends_at, fence) values ($1, $2, $4, 1)
         on conflict (name) do update
           set holder = excluded.holder, ends_at = excluded.ends_at, fence = leases.fence + 1
           where leases.holder = $2 or leases.ends_at <= $3
         returning fence`,
        [name, holder, now, now + seconds],
      )
      return row?.fence ?? null
    },
    async release(name, holder) {
      await db.write('update leases set ends_at = 0 where name = $1 and holder = $2', [name, holder])
    },
  }
}

export function postgresLogoutDeliveries(db: PostgresDatabase): LogoutDeliveryStore {
  return {
    async enqueue(deliveries) {
      if (deliveries.length === 0) return
      const rows = deliveries.map((_, index) => `(${places(1 + index * 8, 8)})`)
      const values = deliveries.flatMap(({ id, clientId, sub, sid, attempts, nextAttemptAt, expiresAt, ping }) => [
        ...[id, clientId, sub, sid],
        ...[attempts, nextAttemptAt, expiresAt, ping],
      ])
      await db.write(
        `insert into logout_deliveries (id, client_id, sub, sid, attempts, next_attempt_at, expires_at, ping)
         values ${rows.join(', ')}`,
        values,
      )
    },
    async claim({ now, leaseSeconds, limit }) {
      const rows = await db.write<Schema['logout_deliveries']>(
        `with due as materialized (
           select * from logout_deliveries where next_attempt_at <= $1 and expires_at > $1
           order by next_attempt_at, id limit $2 for update skip locked),
         leased as (
           update logout_deliveries set attempts = logout_deliveries.attempts + 1, next_attempt_at = $3
           from due where logout_deliveries.id = due.id)
         select * from due order by next_attempt_at, id`,
        [now, limit, now + leaseSeconds],
      )
      return rows.map(deliveryOf)
    },
    async settle(id, retryAt) {
      if (retryAt === null) await db.write(`delete from logout_deliveries where id = $1 and ${isSettleable}`, [id])
      else {
        const retry = `update logout_deliveries set next_attempt_at = $1 where id = $2 and ${isSettleable}`
        await db.write(retry, [retryAt, id])
      }
    },
  }
}
