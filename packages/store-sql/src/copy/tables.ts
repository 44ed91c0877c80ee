import type { SqliteDatabase } from '../sqlite.ts'

/** One of Latchkey's tables, as the SQLite file describes it. */
export interface Table {
  readonly name: string
  readonly columns: readonly string[]
  /** The columns of its primary key, in order. */
  readonly key: readonly string[]
  /** The last number that it gave out by itself, null when it gives none. It is never given again, also when its row has gone. */
  readonly lastNumber: number | null
}

export type Cell = string | number | null
export type Row = Readonly<Record<string, Cell>>

interface Column {
  readonly name: string
  /** Its place in the primary key from 1 on, or 0. */
  readonly pk: number
}

/** Everything that Latchkey keeps; which migrations were taken each database knows for itself. */
export function tablesOf(db: SqliteDatabase): readonly Table[] {
  const names = db
    .prepare<{ name: string }>(
      `select name from sqlite_schema where type = 'table' and name not like 'sqlite%'
       and name <> 'latchkey_migrations' order by name`,
    )
    .all()
  const numbers = new Map(
    db
      .prepare<{ name: string; seq: number }>('select name, seq from sqlite_sequence')
      .all()
      .map(({ name, seq }) => [name, seq]),
  )
  return names.map(({ name }) => {
    const columns = db.prepare<Column>(`select name, pk from pragma_table_info('${name}')`).all()
    const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk)
    return {
      name,
      columns: columns.map((column) => column.name),
      key: key.map((column) => column.name),
      lastNumber: numbers.get(name) ?? null,
    }
  })
}

/** Rows behind `after` in the order of their key, which both databases give by bytes. `place` writes the n-th value's sign. */
export function pageOf({ name, columns, key }: Table, after: readonly Cell[] | null, place: (n: number) => string) {
  const signs = key.map((_, index) => place(index + 1))
  const behind = after === null ? '' : `where (${key.join(', ')}) > (${signs.join(', ')})`
  const limit = place((after === null ? 0 : key.length) + 1)
  return `select ${columns.join(', ')} from ${name} ${behind} order by ${key.join(', ')} limit ${limit}`
}

export function keyOf({ key }: Table, row: Row): readonly Cell[] {
  return key.map((column) => row[column] ?? null)
}

/** As PostgreSQL keeps it: instants are whole seconds, and its text knows no NUL. */
export function copied(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, asKept(cell)]))
}

function asKept(cell: Cell): Cell {
  if (typeof cell === 'number') return Math.floor(cell)
  return cell?.includes('\0') ? cell.replaceAll('\0', '\ufffd') : cell
}
