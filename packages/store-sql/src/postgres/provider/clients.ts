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
      return db.act(
        `insert into clients (client_id, search_text, version, data) values ($1, $2, $3, $4) on conflict do nothing
         returning 1`,
        [record.metadata.client_id, searchText(record), record.version, JSON.stringify(record)],
        (made) => (made.length === 1 ? 'created' : 'exists'),
      )
    },
    async update(record) {
      const { version, metadata } = record
      return db.act(
        'update clients set search_text = $1, version = $2, data = $3 where client_id = $4 and version = $5 returning 1',
        [searchText(record), version, JSON.stringify(record), metadata.client_id, version - 1],
        (changed) => (changed.length === 1 ? 'updated' : 'stale'),
      )
    },
    async delete(clientId, now) {
      const remove = 'select latchkey_delete_client($1, $2, $3) as deleted'
      const values = [clientId, now, now + loneTokenSeconds]
      const written = db.act(remove, values, ([row]: readonly { readonly deleted: boolean }[]) =>
        row?.deleted === true ? 'deleted' : 'unknown',
      )
      return told(written, (outcome) => outcome === 'deleted')
    },
  }
}
