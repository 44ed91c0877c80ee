import { type Compilable, type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

/** The audit trail. Its keys begin with a time, so each index that ends with one gives a page without sorting. */
export function* auditEvents({ schema }: Kysely<Schema>): Generator<Compilable> {
  yield schema
    .createTable('audit_events')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text')
    .addColumn('sub', 'text')
    .addColumn('actor', 'text')
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema.createIndex('audit_events_by_end').on('audit_events').column('expires_at')
  yield schema.createIndex('audit_events_of_type').on('audit_events').columns(['type', 'id'])
  for (const column of ['client_id', 'sub', 'actor'] as const) {
    yield schema
      .createIndex(`audit_events_of_${column}`)
      .on('audit_events')
      .columns([column, 'id'])
      .where(sql.ref(column), 'is not', null)
  }
}
