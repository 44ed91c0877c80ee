import type { ClientRecord, ClientStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import type { RevocationSteps } from './revocations.ts'

type Row = Pick<Schema['clients'], 'data'>

export function sqliteClients(db: SqliteDatabase, families: FamilySteps, revocations: RevocationSteps): ClientStore {
  const { find, list, insert, update, remove, forget, dropTokens } = prepare(db)
  return {
    find: (clientId) =>
      db.read(() => {
        const row = find.get(clientId)
        return row === undefined ? null : clientOf(row)
      }),
    list: ({ search = '', after = '', limit }) =>
      db.read(() => list.all(after, search.toLowerCase(), limit).map(clientOf)),
    create: (record) =>
      db.write(() => {
        const { client_id } = record.metadata
        const { changes } = insert.run(client_id, searchText(record), record.version, JSON.stringify(record))
        return changes === 1 ? 'created' : 'exists'
      }),
    update: (record) =>
      db.write(() => {
        const { version } = record
        const data = JSON.stringify(record)
        const { changes } = update.run(searchText(record), version, data, record.metadata.client_id, version - 1)
        return changes === 1 ? 'updated' : 'stale'
      }),
    delete: (clientId, now) =>
      revocations.told(
        db.write(() => {
          if (remove.run(clientId).changes === 0) return 'unknown'
          const familyEnd = families.endOfClient(clientId, now) ?? 0
          const tokenEnd = dropTokens.all(clientId).reduce((end, row) => Math.max(end, row.expires_at), 0)
          for (const statement of forget) statement.run(clientId)
          const expiresAt = Math.max(familyEnd, tokenEnd, now + loneTokenSeconds)
          revocations.append({ kind: 'client', id: clientId, at: now, expiresAt })
          return 'deleted'
        }),
      ),
  }
}

/** How long a deleted client is remembered at least, for JWTs that stand alone: no row tells of them. */
export const loneTokenSeconds = 86_400

/** Lower-cased here: SQLite's own lower() knows ASCII alone. */
export function searchText({ metadata }: ClientRecord): string {
  return `${metadata.client_id}\n${metadata.client_name ?? ''}`.toLowerCase()
}

function clientOf(row: Row): ClientRecord {
  return JSON.parse(row.data) as ClientRecord
}

function prepare(db: SqliteDatabase) {
  const find = db.prepare<Row>('select data from clients where client_id = ?')
  const list = db.prepare<Row>(
    'select data from clients where client_id > ? and instr(search_text, ?) > 0 order by client_id limit ?',
  )
  const insert = db.prepare(
    'insert into clients (client_id, search_text, version, data) values (?, ?, ?, ?) on conflict do nothing',
  )
  const update = db.prepare(
    'update clients set search_text = ?, version = ?, data = ? where client_id = ? and version = ?',
  )
  const remove = db.prepare('delete from clients where client_id = ?')
  const forget = [
    'delete from consents where client_id = ?',
    'delete from session_clients where client_id = ?',
    'delete from pushed_requests where client_id = ?',
    'delete from pending_grants where client_id = ?',
    'delete from codes where client_id = ? and consumed_at is null',
  ].map((sql) => db.prepare(sql))
  const dropTokens = db.prepare<Pick<Schema['access_tokens'], 'expires_at'>>(
    'delete from access_tokens where lone_client_id = ? returning expires_at',
  )
  return { find, list, insert, update, remove, forget, dropTokens }
}
