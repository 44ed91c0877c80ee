import type { KeyRecord, KeyStore, ReplayStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

type KeyRow = Pick<Schema['signing_keys'], 'data'>

export function sqliteKeys(db: SqliteDatabase): KeyStore {
  const list = db.prepare<KeyRow>('select data from signing_keys order by created_at, kid')
  const standing = db.prepare<KeyRow>('select data from signing_keys where alg = ? order by created_at, kid limit 1')
  const insert = db.prepare('insert into signing_keys (kid, alg, created_at, data) values (?, ?, ?, ?)')
  const keyOf = (row: KeyRow): KeyRecord => JSON.parse(row.data) as KeyRecord
  return {
    list: () => db.read(() => list.all().map(keyOf)),
    ensure: (record) =>
      db.write(() => {
        const row = standing.get(record.alg)
        if (row !== undefined) return keyOf(row)
        insert.run(record.kid, record.alg, record.createdAt, JSON.stringify(record))
        return record
      }),
  }
}

export function sqliteReplays(db: SqliteDatabase): ReplayStore {
  return { remember: rememberOnce(db, 'replays') }
}

/** True for the first caller with a key while it has not expired. */
export function rememberOnce(
  db: SqliteDatabase,
  table: 'replays' | 'bff_once',
): (key: string, expiresAt: number, now: number) => Promise<boolean> {
  const remember = db.prepare(
    `insert into ${table} (key, expires_at) values (?, ?)
     on conflict (key) do update set expires_at = excluded.expires_at where expires_at <= ?`,
  )
  return (key, expiresAt, now) => db.write(() => remember.run(key, expiresAt, now).changes === 1)
}
