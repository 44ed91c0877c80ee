import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import { type Member, type Migration, migrations } from './migrations/index.ts'
import type { Schema } from './schema.ts'

/** Kysely writes the statements, `node:sqlite` runs them: its calls are synchronous, so one transaction holds a whole step. */
const writer = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

const member: Member = (column, name) => sql`json_extract(${sql.ref(column)}, ${sql.lit(`$.${name}`)})`

/**
 * Brings the file to the newest schema. All steps commit together, under the write lock, so that a crash leaves the
 * old schema and of two processes that start at once one waits for the other.
 * @throws Error when the file is another program's, or was made by a newer version
 */
export function migrate(database: DatabaseSync, steps: readonly Migration[] = migrations): void {
  if (isCurrent(database, steps)) return
  database.exec('begin immediate')
  try {
    refuseForeign(database)
    database.exec('create table if not exists latchkey_migrations (name text primary key) without rowid')
    const applied = appliedSteps(database)
    const unknown = applied.find((name) => !steps.some((step) => step.name === name))
    if (unknown !== undefined) {
      throw new Error(`it was made by a newer version of Latchkey (its schema has the step "${unknown}")`)
    }
    for (const step of steps) if (!applied.includes(step.name)) apply(database, step)
    database.exec('commit')
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

/** A step that has not been taken yet, in statements. */
export interface PlannedStep {
  readonly name: string
  readonly statements: readonly string[]
}

/** What opening the file would change of its schema; changes nothing. @throws Error when it cannot be read */
export function planSqlite(file: string): readonly PlannedStep[] {
  const planned = migrations.map(({ name, up }) => ({
    name,
    statements: [...up(writer, member)].map((statement) => statement.compile().sql),
  }))
  if (!existsSync(file)) return planned
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    refuseForeign(database)
    const applied = tablesOf(database).includes('latchkey_migrations') ? appliedSteps(database) : []
    return planned.filter((step) => !applied.includes(step.name))
  } finally {
    database.close()
  }
}

function apply(database: DatabaseSync, step: Migration): void {
  for (const statement of step.up(writer, member)) database.exec(statement.compile().sql)
  database.prepare('insert into latchkey_migrations (name) values (?)').run(step.name)
}

function isCurrent(database: DatabaseSync, steps: readonly Migration[]): boolean {
  if (!tablesOf(database).includes('latchkey_migrations')) return false
  const applied = appliedSteps(database)
  return applied.length === steps.length && steps.every((step) => applied.includes(step.name))
}

function appliedSteps(database: DatabaseSync): readonly string[] {
  return database
    .prepare('select name from latchkey_migrations')
    .all()
    .map((row) => String(row.name))
}

function tablesOf(database: DatabaseSync): readonly string[] {
  return database
    .prepare("select name from sqlite_schema where type = 'table'")
    .all()
    .map((row) => String(row.name))
}

function refuseForeign(database: DatabaseSync): void {
  const tables = tablesOf(database)
  if (tables.length > 0 && !tables.includes('latchkey_migrations')) {
    throw new Error(`it belongs to another program (it has a table "${tables[0]}"); name another file`)
  }
}
