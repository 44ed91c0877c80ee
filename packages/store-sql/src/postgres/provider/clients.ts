import type { ClientRecord, ClientStore } from '@latchkey/provider'
import { loneTokenSeconds, searchText } from '../../provider/clients.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'
import type { Told } from './revocations.ts'

type Row = Pick<Schema['clients'], 'data'>

export function postgresClients(db: PostgresDatabase, told: Told): ClientStore {
  const clientOf = (row: Row): ClientRecord => JSON.parse(row.data) as ClientRecord
  return {
    async find(clientId) {
      const [row] = await db.read<Row>('select data from clients where client_id = $1', [clientId])
      return row === undefined ? null : clientOf(row)
    },
    async list({ search = '', after = '', limit }) {
      const rows = await db.read<Row>(
        'select data from clients where client_id > $1 and strpos(search_text, $2) > 0 order by client_id limit $3',
        [after, search.toLowerCase(), limit],
      )
      return rows.map(clientOf)
    },
    async create(record) {
      const made = await db.count(
        'insert into clients (client_id, search_text, version, data) values ($1, $2, $3, $4) on conflict do nothing',
        [record.metadata.client_id, searchText(record), record.version, JSON.stringify(record)],
      )
      return made === 1 ? 'created' : 'exists'
    },
    async update(record) {
      const { version, metadata } = record
      const changed = await db.count(
        'update clients set search_text = $1, version = $2, data = $3 where client_id = $4 and version = $5',
        [searchText(record), version, JSON.stringify(record), metadata.client_id, version - 1],
      )
      return changed === 1 ? 'updated' : 'stale'
    },
    async delete(clientId, now) {
      const remove = 'select latchkey_delete_client($1, $2, $3) as deleted'
      const written = db.write<{ readonly deleted: boolean }>(remove, [clientId, now, now + loneTokenSeconds])
      const [row] = await told(written, (rows) => rows[0]?.deleted === true)
      return row?.deleted === true ? 'deleted' : 'unknown'
    },
  }
}
