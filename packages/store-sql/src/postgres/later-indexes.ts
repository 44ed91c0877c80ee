import type { PlannedStep } from '../migrate.ts'

/** Runs one statement on a connection. */
export type Run = (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

interface LaterIndex {
  readonly sql: string
  readonly name: string
  readonly table: string
}

/** An index of a table that an earlier step made: its statement says "if not exists". */
function laterIndex(sql: string): LaterIndex | null {
  const [found, name, table] = /^create (?:unique )?index if not exists "([^"]+)" on "([^"]+)"/.exec(sql) ?? []
  return found === undefined || name === undefined || table === undefined ? null : { sql, name, table }
}

/** Those of tables that the database has already, which may be large. */
async function ofExistingTables(run: Run, steps: readonly PlannedStep[]): Promise<readonly LaterIndex[]> {
  const indexes = steps.flatMap(({ statements }) => statements.flatMap((sql) => laterIndex(sql) ?? []))
  const there = 'select name from unnest($1::text[]) as name where to_regclass(quote_ident(name)) is not null'
  const tables = new Set((await run(there, [indexes.map(({ table }) => table)])).map(({ name }) => name))
  return indexes.filter(({ table }) => tables.has(table))
}

/** The steps without indexes that writers would have to wait for. */
export async function withoutThem(run: Run, steps: readonly PlannedStep[]): Promise<readonly PlannedStep[]> {
  const indexes = new Set((await ofExistingTables(run, steps)).map(({ sql }) => sql))
  return steps.map(({ name, statements }) => ({ name, statements: statements.filter((sql) => !indexes.has(sql)) }))
}

/**
 * What builds those indexes while everything goes on: the missing ones, and those that were begun and not finished, which
 * PostgreSQL keeps up and never uses. Each statement stands alone, in no transaction.
 * @see https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
 */
export async function unfinishedIndexes(run: Run, steps: readonly PlannedStep[]): Promise<readonly string[]> {
  const indexes = await ofExistingTables(run, steps)
  const rows = await run(
    `select relname as name, indisvalid as valid from pg_index join pg_class on pg_class.oid = indexrelid
     where relname = any($1) and relnamespace = current_schema()::regnamespace`,
    [indexes.map(({ name }) => name)],
  )
  const isValid = new Map(rows.map(({ name, valid }) => [name, valid]))
  return indexes.flatMap(({ name, sql }) => {
    const create = sql.replace('index if not exists', 'index concurrently if not exists')
    if (isValid.get(name) === true) return []
    return isValid.has(name) ? [`drop index concurrently if exists "${name}"`, create] : [create]
  })
}
