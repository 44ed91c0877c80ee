import type { SqliteDatabase } from './sqlite.ts'

/** So many rows go in one transaction, so that no request waits long for a sweep. */
const batchSize = 200

/** Rows of `table` for which `condition` (with the instant as its one or two `?1`) holds may go. */
export interface Sweepable {
  readonly table: string
  readonly key: string
  readonly condition: string
}

/** Deletes at most `limit` rows, table after table, a small batch at a time; resolves with how many went. */
export function createSweep(db: SqliteDatabase, tables: readonly Sweepable[]) {
  const statements = tables.map(({ table, key, condition }) =>
    db.prepare(`delete from ${table} where ${key} in (select ${bare(key)} from ${table} where ${condition} limit ?2)`),
  )
  return async (now: number, limit: number): Promise<number> => {
    let gone = 0
    for (const statement of statements) {
      for (let full = true; full && gone < limit; ) {
        const size = Math.min(batchSize, limit - gone)
        const went = Number(await db.write(() => statement.run(now, size).changes))
        gone += went
        full = went === size
      }
    }
    return gone
  }
}

/** A key of two columns stands in brackets on the left of `in`, bare in the select. */
export function bare(key: string): string {
  return key.replace(/^\(|\)$/g, '')
}
