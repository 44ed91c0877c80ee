import { type AccountRecord, type AccountStore, canonicalUsername } from '@latchkey/accounts'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

type Row = Pick<Schema['accounts'], 'data'>

/** The accounts in an SQLite file. `close` lets go of the file; the last store of it closes it. */
export function createSqliteAccountStore(db: SqliteDatabase): AccountStore {
  const find = db.prepare<Row>('select data from accounts where sub = ?')
  const findByName = db.prepare<Row>('select data from accounts where canonical_username = ?')
  const insert = db.prepare(
    'insert into accounts (sub, canonical_username, version, data) values (?, ?, ?, ?) on conflict do nothing',
  )
  const current = db.prepare('select 1 from accounts where sub = ? and version = ?')
  const owner = db.prepare<Pick<Schema['accounts'], 'sub'>>('select sub from accounts where canonical_username = ?')
  const update = db.prepare('update accounts set canonical_username = ?, version = ?, data = ? where sub = ?')
  const remove = db.prepare('delete from accounts where sub = ?')
  const accountOf = (row: Row | undefined): AccountRecord | null =>
    row === undefined ? null : (JSON.parse(row.data) as AccountRecord)
  return {
    find: (sub) => db.read(() => accountOf(find.get(sub))),
    findByUsername: (username) => db.read(() => accountOf(findByName.get(canonicalUsername(username)))),
    create: (record) =>
      db.write(() => {
        const name = canonicalUsername(record.username)
        const { changes } = insert.run(record.sub, name, record.version, JSON.stringify(record))
        return changes === 1 ? 'created' : 'exists'
      }),
    update: (record) =>
      db.write(() => {
        const name = canonicalUsername(record.username)
        if (current.get(record.sub, record.version - 1) === undefined) return 'stale'
        if ((owner.get(name)?.sub ?? record.sub) !== record.sub) return 'exists'
        update.run(name, record.version, JSON.stringify(record), record.sub)
        return 'updated'
      }),
    delete: (sub) => db.write(() => remove.run(sub).changes === 1),
    ...failedAttempts(db),
    close: db.hold(),
  }
}

/** One row a key and second, gone once its window has passed: each new failure clears a few old ones away. */
function failedAttempts(db: SqliteDatabase): Pick<AccountStore, 'countFailure' | 'failures' | 'clearFailures'> {
  const count = db.prepare(
    `insert into failed_attempts (key, at, ends_at, attempts) values (?, ?, ?, 1)
     on conflict (key, at) do update set attempts = attempts + 1, ends_at = max(ends_at, excluded.ends_at)`,
  )
  const within = db.prepare<{ readonly attempts: number }>(
    'select coalesce(sum(attempts), 0) as attempts from failed_attempts where key = ? and at > ?',
  )
  const clear = db.prepare('delete from failed_attempts where key = ?')
  const forget = db.prepare(
    `delete from failed_attempts where (key, at) in
       (select key, at from failed_attempts where ends_at <= ? limit 20)`,
  )
  return {
    countFailure: (key, { now, windowSeconds }) =>
      db.write(() => {
        forget.run(now)
        const at = Math.floor(now)
        count.run(key, at, at + windowSeconds)
        return within.get(key, at - windowSeconds)?.attempts ?? 0
      }),
    failures: (key, { now, windowSeconds }) =>
      db.read(() => within.get(key, Math.floor(now) - windowSeconds)?.attempts ?? 0),
    clearFailures: (key) =>
      db.write(() => {
        clear.run(key)
      }),
  }
}
