import type { KeyStore, ReplayStore } from '@latchkey/provider'
import { keyOf } from '../../provider/keys-and-replays.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'

type Row = Pick<Schema['signing_keys'], 'data'>

/** Rows of the first version had no version. */
const isVersion = "coalesce((data::json ->> 'version')::bigint, 1) = "

export function postgresKeys(db: PostgresDatabase): KeyStore {
  return {
    async list() {
      return (await db.read<Row>('select data from signing_keys order by created_at, kid')).map(keyOf)
    },
    async ensure(record) {
      const ensure = 'select latchkey_ensure_key($1, $2, $3, $4) as data'
      const values = [record.kid, record.alg, record.createdAt, JSON.stringify(record)]
      const [row] = await db.write<Row>(ensure, values)
      return row === undefined ? record : keyOf(row)
    },
    async update(record) {
      const change = `update signing_keys set data = $1 where kid = $2 and ${isVersion} $3`
      const changed = await db.count(change, [JSON.stringify(record), record.kid, record.version - 1])
      return changed === 1 ? 'updated' : 'stale'
    },
    async succeed(retiring, successor) {
      const { kid, alg, createdAt } = successor
      const added = await db.count(
        `with retired as (update signing_keys set data = $1 where kid = $2 and ${isVersion} $3 returning kid)
         insert into signing_keys (kid, alg, created_at, data) select $4, $5, $6, $7 from retired`,
        [JSON.stringify(retiring), retiring.kid, retiring.version - 1, kid, alg, createdAt, JSON.stringify(successor)],
      )
      return added === 1 ? 'succeeded' : 'stale'
    },
    async remove(kid) {
      return (await db.count('delete from signing_keys where kid = $1', [kid])) === 1
    },
  }
}

export function postgresReplays(db: PostgresDatabase): ReplayStore {
  return { remember: rememberOnce(db, 'replays') }
}

/** True for the first caller with a key while it has not expired. */
export function rememberOnce(
  db: PostgresDatabase,
  table: 'replays' | 'bff_once',
): (key: string, expiresAt: number, now: number) => Promise<boolean> {
  const remember = `insert into ${table} (key, expires_at) values ($1, $2)
    on conflict (key) do update set expires_at = excluded.expires_at where ${table}.expires_at <= $3`
  return async (key, expiresAt, now) => (await db.count(remember, [key, expiresAt, now])) === 1
}
