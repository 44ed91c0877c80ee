import { type Compilable, type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

type Db = Kysely<Schema>

const keyed = sql`without rowid`

/** What the other grants, logout and the revocation feed keep. */
export function* wholeProtocol(db: Db): Generator<Compilable> {
  yield* requests(db)
  yield* logout(db)
  yield* revocations(db)
  for (const table of ['session_clients', 'pushed_requests', 'pending_grants', 'logout_deliveries'] as const) {
    yield db.schema.createIndex(`${table}_by_end`).on(table).column('expires_at')
    yield db.schema.createIndex(`${table}_of_client`).on(table).column('client_id')
  }
}

function* requests({ schema }: Db): Generator<Compilable> {
  yield schema
    .createTable('pushed_requests')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema
    .createTable('pending_grants')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('lookup', 'text', (column) => column.unique())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('sid', 'text')
    .addColumn('decision', 'text')
    .addColumn('polled_at', 'integer')
    .addColumn('interval_seconds', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema
    .createIndex('pending_grants_of_session')
    .on('pending_grants')
    .column('sid')
    .where(sql.ref('sid'), 'is not', null)
}

function* logout({ schema }: Db): Generator<Compilable> {
  yield schema
    .createTable('session_clients')
    .addColumn('sid', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('session_clients_key', ['sid', 'client_id'])
    .modifyEnd(keyed)
  yield schema
    .createTable('logout_deliveries')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('sub', 'text', (column) => column.notNull())
    .addColumn('sid', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('next_attempt_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
  yield schema.createIndex('logout_deliveries_by_turn').on('logout_deliveries').column('next_attempt_at')
}

function* revocations({ schema }: Db): Generator<Compilable> {
  yield schema
    .createTable('revocations')
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
  yield schema.createIndex('revocations_by_end').on('revocations').column('expires_at')
  yield schema
    .createTable('leases')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('ends_at', 'integer', (column) => column.notNull())
    .addColumn('fence', 'integer', (column) => column.notNull())
}
