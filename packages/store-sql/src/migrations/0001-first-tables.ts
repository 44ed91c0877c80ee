import { type Compilable, type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

type Db = Kysely<Schema>

/** Small rows lie in the tree of their key itself. Rows with JSON do not: measured, they cost a quarter more that way. */
const keyed = sql`without rowid`

export function* firstTables(db: Db): Generator<Compilable> {
  yield* registry(db)
  yield* browserState(db)
  yield* tokens(db)
  yield* accounts(db)
  yield* bff(db)
}

function* registry(db: Db): Generator<Compilable> {
  const { schema } = db
  yield schema
    .createTable('clients')
    .addColumn('client_id', 'text', (column) => column.primaryKey())
    .addColumn('search_text', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema
    .createTable('signing_keys')
    .addColumn('kid', 'text', (column) => column.primaryKey())
    .addColumn('alg', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield* remembered(db, 'replays', 'key')
}

function* browserState(db: Db): Generator<Compilable> {
  const { schema } = db
  yield schema
    .createTable('interactions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('session_hash', 'text')
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema
    .createTable('sessions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema
    .createTable('consents')
    .addColumn('sub', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('permissions', 'text', (column) => column.notNull())
    .addColumn('granted_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('consents_key', ['sub', 'client_id'])
    .modifyEnd(keyed)
  yield schema.createIndex('consents_of_client').on('consents').column('client_id')
  yield* expiring(db, ['interactions', 'sessions'])
}

function* tokens(db: Db): Generator<Compilable> {
  const { schema } = db
  yield schema
    .createTable('codes')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('family_id', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('sid', 'text')
    .addColumn('consumed_at', 'integer')
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield* families(db)
  yield schema
    .createTable('refresh_tokens')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('family_id', 'text', (column) => column.notNull())
    .addColumn('rotated_at', 'integer')
    .addColumn('successor_hash', 'text')
    .addColumn('sealed_successor', 'text')
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('absolute_expires_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema
    .createTable('access_tokens')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('family_id', 'text', (column) => column.notNull())
    .addColumn('lone_client_id', 'text')
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema
    .createIndex('lone_access_tokens_of_client')
    .on('access_tokens')
    .column('lone_client_id')
    .where(sql.ref('lone_client_id'), 'is not', null)
  yield* remembered(db, 'revoked_jwts', 'jti')
  yield* expiring(db, ['codes', 'families', 'refresh_tokens', 'access_tokens'])
}

function* families({ schema }: Db): Generator<Compilable> {
  yield schema
    .createTable('families')
    .addColumn('family_id', 'text', (column) => column.primaryKey())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('sub', 'text', (column) => column.notNull())
    .addColumn('sid', 'text')
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('revoked_at', 'integer')
  yield schema.createIndex('families_of_session').on('families').column('sid').where(sql.ref('sid'), 'is not', null)
  yield schema.createIndex('families_of_client').on('families').column('client_id')
}

function* accounts({ schema }: Db): Generator<Compilable> {
  yield schema
    .createTable('accounts')
    .addColumn('sub', 'text', (column) => column.primaryKey())
    .addColumn('canonical_username', 'text', (column) => column.notNull().unique())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
  yield schema
    .createTable('failed_attempts')
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('ends_at', 'integer', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('failed_attempts_key', ['key', 'at'])
    .modifyEnd(keyed)
  yield schema.createIndex('failed_attempts_by_end').on('failed_attempts').column('ends_at')
}

function* bff(db: Db): Generator<Compilable> {
  const { schema } = db
  yield schema
    .createTable('bff_sessions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('sub', 'text', (column) => column.notNull())
    .addColumn('sid', 'text')
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('sealed_tokens', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('last_seen_at', 'integer', (column) => column.notNull())
    .addColumn('idle_expires_at', 'integer', (column) => column.notNull())
    .addColumn('absolute_expires_at', 'integer', (column) => column.notNull())
    .addColumn('revoked_at', 'integer')
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('lease_ends_at', 'integer')
  yield schema.createIndex('bff_sessions_of_person').on('bff_sessions').columns(['sub', 'hash'])
  yield schema
    .createIndex('bff_sessions_of_provider_session')
    .on('bff_sessions')
    .columns(['sid', 'client_id'])
    .where(sql.ref('sid'), 'is not', null)
  yield schema.createIndex('bff_sessions_by_idle_end').on('bff_sessions').column('idle_expires_at')
  yield schema
    .createIndex('bff_sessions_by_revocation')
    .on('bff_sessions')
    .column('revoked_at')
    .where(sql.ref('revoked_at'), 'is not', null)
  yield* remembered(db, 'bff_once', 'key')
  yield schema
    .createTable('bff_changes')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
}

/** A value seen once, until it may come again. */
function* remembered(db: Db, table: 'replays' | 'revoked_jwts' | 'bff_once', key: string): Generator<Compilable> {
  yield db.schema
    .createTable(table)
    .addColumn(key, 'text', (column) => column.primaryKey())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .modifyEnd(keyed)
  yield* expiring(db, [table])
}

function* expiring({ schema }: Db, tables: readonly (keyof Schema)[]): Generator<Compilable> {
  for (const table of tables) yield schema.createIndex(`${table}_by_end`).on(table).column('expires_at')
}
