import { createChecksum } from '../crypto.ts'
import { openPostgres } from '../postgres/postgres.ts'
import { openSqlite } from '../sqlite.ts'
import { holdSource, type Source } from './source.ts'
import { type Cell, keyOf, type Row, type Table } from './tables.ts'
import { prepareTarget, type Target } from './target.ts'

export interface CopyProgress {
  readonly step: 'copied' | 'verified'
  readonly table: string
  /** Rows of this table so far. */
  readonly rows: number
  readonly of: number
}

export interface CopiedTable {
  readonly table: string
  readonly rows: number
  /** SHA-256 over all rows in the order of their keys, the same in both databases. */
  readonly checksum: string
}

export interface CopyStoreOptions {
  /** An SQLite file of Latchkey. It is not changed; nobody can write to it until the copy is done. */
  readonly from: string
  /** A connection string of PostgreSQL, of an empty database or one in which a copy was broken off. */
  readonly to: string
  readonly pooled?: boolean
  readonly onProgress?: (progress: CopyProgress) => void
}

const pageRows = 1000

/**
 * Copies everything that Latchkey keeps and then reads both sides to the end to compare them. Broken off, it goes on where it
 * was when called again; until it is done no server starts on the target.
 * @throws Error that says what is wrong: a target with rows, a source that changed after the copy was begun
 */
export async function copyStore(options: CopyStoreOptions): Promise<readonly CopiedTable[]> {
  const { from, to, pooled = false, onProgress = () => {} } = options
  const file = openSqlite(from)
  const database = openPostgres(to, { pooled, isCopyTarget: true })
  try {
    const source = holdSource(file)
    try {
      const target = await prepareTarget(database, source.tables)
      for (const table of source.tables) await copyTable({ source, target, table, onProgress })
      const tables: CopiedTable[] = []
      for (const table of source.tables) tables.push(await verifyTable({ source, target, table, onProgress }))
      await target.finish()
      return tables
    } finally {
      source.release()
    }
  } finally {
    await Promise.all([file.close(), database.close()])
  }
}

interface Step {
  readonly source: Source
  readonly target: Target
  readonly table: Table
  readonly onProgress: (progress: CopyProgress) => void
}

async function copyTable({ source, target, table, onProgress }: Step): Promise<void> {
  const of = source.count(table)
  const mark = target.marks.get(table.name)
  let rows = mark?.rows ?? 0
  for (let after: readonly Cell[] | null = mark?.lastKey ?? null; ; ) {
    const page = source.page(table, after, pageRows)
    const last = page.at(-1)
    if (last === undefined) break
    rows += page.length
    await target.add(table, page, rows)
    onProgress({ step: 'copied', table: table.name, rows, of })
    after = keyOf(table, last)
  }
  await target.continueNumbers(table)
}

async function verifyTable({ source, target, table, onProgress }: Step): Promise<CopiedTable> {
  const of = source.count(table)
  const here = await sumUp(table, async (after) => source.page(table, after, pageRows))
  const there = await sumUp(table, (after) => target.page(table, after, pageRows))
  if (here.rows !== there.rows || here.checksum !== there.checksum) {
    throw new Error(
      `The table "${table.name}" differs: ${here.rows} rows with the checksum ${here.checksum} in the file, ` +
        `${there.rows} with ${there.checksum} in PostgreSQL. Somebody wrote to one of them after the copy was begun: ` +
        'empty the target and copy again while no server runs on either',
    )
  }
  onProgress({ step: 'verified', table: table.name, rows: here.rows, of })
  return { table: table.name, ...here }
}

async function sumUp(table: Table, read: (after: readonly Cell[] | null) => Promise<readonly Row[]>) {
  const sum = createChecksum()
  let rows = 0
  for (let after: readonly Cell[] | null = null; ; ) {
    const page: readonly Row[] = await read(after)
    const last = page.at(-1)
    if (last === undefined) return { rows, checksum: sum.digest() }
    for (const row of page) sum.add(JSON.stringify(table.columns.map((column) => row[column] ?? null)))
    rows += page.length
    after = keyOf(table, last)
  }
}
