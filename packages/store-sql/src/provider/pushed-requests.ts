import type { PushedRequestRecord, PushedRequestStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

export function sqlitePushedRequests(db: SqliteDatabase): PushedRequestStore {
  const insert = db.prepare('insert into pushed_requests (hash, client_id, expires_at, data) values (?, ?, ?, ?)')
  const find = db.prepare<Pick<Schema['pushed_requests'], 'data'>>(
    'select data from pushed_requests where hash = ? and client_id = ? and expires_at > ?',
  )
  const consume = db.prepare<Pick<Schema['pushed_requests'], 'data'>>(
    'delete from pushed_requests where hash = ? and client_id = ? and expires_at > ? returning data',
  )
  return {
    create: (record) =>
      db.write(() => {
        insert.run(record.hash, record.clientId, record.expiresAt, JSON.stringify(record))
      }),
    find: async (hash, clientId, now) => recordOf(find.get(hash, clientId, now)),
    consume: (hash, clientId, now) => db.write(() => recordOf(consume.get(hash, clientId, now))),
  }
}

function recordOf(row: { readonly data: string } | undefined): PushedRequestRecord | null {
  return row === undefined ? null : (JSON.parse(row.data) as PushedRequestRecord)
}
