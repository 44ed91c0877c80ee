import { type Compilable, type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

/** Where tokens stand in status lists. A key that begins with a time keeps inserts at the end of the tree. */
export function* statusLists({ schema }: Kysely<Schema>): Generator<Compilable> {
  yield schema
    .createTable('status_lists')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('size', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
  yield schema
    .createTable('status_entries')
    .addColumn('jti', 'text', (column) => column.primaryKey())
    .addColumn('list_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('kid', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('revoked', 'integer', (column) => column.notNull())
    .modifyEnd(sql`without rowid`)
  yield schema.createIndex('status_entries_by_place').unique().on('status_entries').columns(['list_id', 'position'])
  yield schema.createIndex('status_entries_by_end').on('status_entries').column('expires_at')
  yield schema
    .createIndex('status_entries_revoked')
    .on('status_entries')
    .columns(['list_id', 'position'])
    .where(sql.ref('revoked'), '=', sql.lit(1))
}
