import type { KeyRecord, KeyStore, ReplayStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

type KeyRow = Pick<Schema['signing_keys'], 'data'>

export function sqliteKeys(db: SqliteDatabase): KeyStore {
  const list = db.prepare<KeyRow>('select data from signing_keys order by created_at, kid')
  const standing = db.prepare<KeyRow>('select data from signing_keys where alg = ? order by created_at, kid limit 1')
  const find = db.prepare<KeyRow>('select data from signing_keys where kid = ?')
  const insert = db.prepare('insert into signing_keys (kid, alg, created_at, data) values (?, ?, ?, ?)')
  const change = db.prepare('update signing_keys set data = ? where kid = ?')
  const remove = db.prepare('delete from signing_keys where kid = ?')
  const add = (record: KeyRecord) => insert.run(record.kid, record.alg, record.createdAt, JSON.stringify(record))
  const replace = (record: KeyRecord): boolean => {
    const row = find.get(record.kid)
    if (row === undefined || keyOf(row).version !== record.version - 1) return false
    change.run(JSON.stringify(record), record.kid)
    return true
  }
  return {
    list: () => db.read(() => list.all().map(keyOf)),
    ensure: (record) =>
      db.write(() => {
        const row = standing.get(record.alg)
        if (row !== undefined) return keyOf(row)
        add(record)
        return record
      }),
    update: (record) => db.write(() => (replace(record) ? 'updated' : 'stale')),
    succeed: (retiring, successor) =>
      db.write(() => {
        if (!replace(retiring)) return 'stale'
        add(successor)
        return 'succeeded'
      }),
    remove: (kid) => db.write(() => remove.run(kid).changes === 1),
  }
}

/** Rows of the first version had no schedule: such a key signs since it was made. */
export function keyOf(row: KeyRow): KeyRecord {
  const stored = JSON.parse(row.data) as Partial<KeyRecord> & Pick<KeyRecord, 'createdAt'>
  return { signsAt: stored.createdAt, retiresAt: null, dropsAt: null, version: 1, ...stored } as KeyRecord
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
