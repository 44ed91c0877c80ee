import type { PostgresDatabase } from '../postgres/postgres.ts'
import { type Cell, keyOf, pageOf, type Row, type Table } from './tables.ts'

/** How far a table has come. */
export interface Mark {
  readonly lastKey: readonly Cell[]
  readonly rows: number
}

/** A PostgreSQL database into which is copied; it knows how far, so that a copy that was broken off goes on. */
export interface Target {
  readonly marks: ReadonlyMap<string, Mark>
  /** Writes the rows and how far that is in one step. */
  add(table: Table, rows: readonly Row[], rowsSoFar: number): Promise<void>
  page(table: Table, after: readonly Cell[] | null, limit: number): Promise<readonly Row[]>
  /** Lets numbers that the database gives out go on behind those that were copied. */
  continueNumbers(table: Table): Promise<void>
  /** From now on servers may use it. */
  finish(): Promise<void>
}

/** @throws Error when it holds something that no broken copy left there */
export async function prepareTarget(db: PostgresDatabase, tables: readonly Table[]): Promise<Target> {
  await refuseStrangers(db, tables)
  await db.write(
    'create table if not exists latchkey_copy (name text primary key, last_key text not null, copied bigint not null)',
  )
  const known = await db.read<{ name: string; last_key: string; copied: number }>('select * from latchkey_copy')
  return {
    marks: new Map(known.map((row) => [row.name, { lastKey: JSON.parse(row.last_key) as Cell[], rows: row.copied }])),
    add: (table, rows, rowsSoFar) => add(db, { table, rows, rowsSoFar }),
    page: (table, after, limit) =>
      db.read<Row>(
        pageOf(table, after, (n) => `$${n}`),
        [...(after ?? []), limit],
      ),
    async continueNumbers({ name, key, lastNumber }) {
      if (lastNumber === null) return
      await db.read('select setval(pg_get_serial_sequence($1, $2), greatest($3::bigint, 1), $3::bigint > 0)', [
        name,
        key[0] ?? '',
        lastNumber,
      ])
    },
    async finish() {
      await db.write('drop table latchkey_copy')
    },
  }
}

async function refuseStrangers(db: PostgresDatabase, tables: readonly Table[]): Promise<void> {
  const [begun] = await db.read<{ known: boolean }>("select to_regclass('latchkey_copy') is not null as known")
  if (begun?.known === true) return
  for (const { name } of tables) {
    const [filled] = await db.read<{ some: boolean }>(`select exists (select from ${name}) as some`)
    if (filled?.some === true)
      throw new Error(`${db.place} already holds rows, in the table "${name}"; copy into an empty database or schema`)
  }
}

async function add(
  db: PostgresDatabase,
  { table, rows, rowsSoFar }: { readonly table: Table; readonly rows: readonly Row[]; readonly rowsSoFar: number },
): Promise<void> {
  const last = rows.at(-1)
  if (last === undefined) return
  const columns = table.columns.join(', ')
  await db.write(
    `with added as (insert into ${table.name} (${columns})
       select ${columns} from json_populate_recordset(null::${table.name}, $1::json))
     insert into latchkey_copy (name, last_key, copied) values ($2, $3, $4)
     on conflict (name) do update set last_key = excluded.last_key, copied = excluded.copied`,
    [JSON.stringify(rows), table.name, JSON.stringify(keyOf(table, last)), rowsSoFar],
  )
}
