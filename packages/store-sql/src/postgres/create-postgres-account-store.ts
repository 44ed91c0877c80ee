import { type AccountRecord, type AccountStore, canonicalUsername } from '@latchkey/accounts'
import type { Schema } from '../schema.ts'
import type { PostgresDatabase } from './postgres.ts'
import { postgresCode } from './postgres-error.ts'

type Row = Pick<Schema['accounts'], 'data'>
const uniqueViolation = '23505'

/** The accounts in PostgreSQL. `close` lets go of the pool; the last store of it closes it. */
export function createPostgresAccountStore(db: PostgresDatabase): AccountStore {
  const accountOf = ([row]: readonly Row[]): AccountRecord | null =>
    row === undefined ? null : (JSON.parse(row.data) as AccountRecord)
  return {
    find: async (sub) => accountOf(await db.read<Row>('select data from accounts where sub = $1', [sub])),
    findByUsername: async (username) =>
      accountOf(
        await db.read<Row>('select data from accounts where canonical_username = $1', [canonicalUsername(username)]),
      ),
    async create(record) {
      const made = await db.count(
        'insert into accounts (sub, canonical_username, version, data) values ($1, $2, $3, $4) on conflict do nothing',
        [record.sub, canonicalUsername(record.username), record.version, JSON.stringify(record)],
      )
      return made === 1 ? 'created' : 'exists'
    },
    async update(record) {
      const sql = 'update accounts set canonical_username = $1, version = $2, data = $3 where sub = $4 and version = $5'
      const { sub, version } = record
      const values = [canonicalUsername(record.username), version, JSON.stringify(record), sub, version - 1]
      try {
        return (await db.count(sql, values)) === 1 ? 'updated' : 'stale'
      } catch (error) {
        if (postgresCode(error) === uniqueViolation) return 'exists'
        throw error
      }
    },
    delete: async (sub) => (await db.count('delete from accounts where sub = $1', [sub])) === 1,
    ...failedAttempts(db),
    close: db.hold(),
  }
}

/** One row a key and second, gone once its window has passed: each new failure clears a few old ones away. */
function failedAttempts(db: PostgresDatabase): Pick<AccountStore, 'countFailure' | 'failures' | 'clearFailures'> {
  interface Count {
    readonly attempts: number
  }
  return {
    async countFailure(key, { now, windowSeconds }) {
      const at = Math.floor(now)
      const [row] = await db.write<Count>(
        `with forgotten as (
           delete from failed_attempts where ctid = any (array(
             select ctid from failed_attempts where ends_at <= $2 and (key, at) <> ($1, $2)
             limit 20 for update skip locked))),
         counted as (
           insert into failed_attempts (key, at, ends_at, attempts) values ($1, $2, $3, 1)
           on conflict (key, at) do update set attempts = failed_attempts.attempts + 1,
             ends_at = greatest(failed_attempts.ends_at, excluded.ends_at)
           returning attempts)
         select counted.attempts + coalesce((
           select sum(attempts)::bigint from failed_attempts where key = $1 and at > $4 and at <> $2), 0) as attempts
         from counted`,
        [key, at, at + windowSeconds, at - windowSeconds],
      )
      return row?.attempts ?? 0
    },
    async failures(key, { now, windowSeconds }) {
      const sql =
        'select coalesce(sum(attempts), 0)::bigint as attempts from failed_attempts where key = $1 and at > $2'
      const [row] = await db.read<Count>(sql, [key, Math.floor(now) - windowSeconds])
      return row?.attempts ?? 0
    },
    async clearFailures(key) {
      await db.write('delete from failed_attempts where key = $1', [key])
    },
  }
}
