import type { SqliteDatabase } from '../sqlite.ts'
import { type Cell, copied, pageOf, type Row, type Table, tablesOf } from './tables.ts'

/** An SQLite file that nobody writes to while it is read. */
export interface Source {
  readonly tables: readonly Table[]
  count(table: Table): number
  page(table: Table, after: readonly Cell[] | null, limit: number): readonly Row[]
  release(): void
}

/** Takes the file's write lock, so that no server acknowledges what would not be copied. @throws Error while another holds it */
export function holdSource(db: SqliteDatabase): Source {
  db.prepare('pragma busy_timeout = 5000').get()
  db.prepare('begin immediate').run()
  return {
    tables: tablesOf(db),
    count: ({ name }) => db.prepare<{ rows: number }>(`select count(*) as rows from ${name}`).get()?.rows ?? 0,
    page: (table, after, limit) =>
      db
        .prepare<Row>(pageOf(table, after, () => '?'))
        .all(...(after ?? []), limit)
        .map(copied),
    release: () => void db.prepare('rollback').run(),
  }
}
