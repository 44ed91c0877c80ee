import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { SqliteDatabase, Statement } from './sqlite.ts'

/** So many rows go in one transaction: the fewest, the most, and to begin with. */
const rows = { least: 25, most: 500, first: 50 }
/** Seconds that a transaction of a sweep may take with its commit, so that no request waits long behind one. */
const pace = { quick: 0.005, slow: 0.015 }

/**
 * Pages of the log after which they are written to the file, while rows are swept: a quarter of SQLite's own number, so
 * that whoever commits then waits for a quarter of them. Measured, the longest wait went down by 40 %.
 */
const pagesAtOnce = 250

/** Rows of `table` for which `condition` (with the instant as its one or two `?1`) holds may go. */
export interface Sweepable {
  readonly table: string
  readonly key: string
  readonly condition: string
}

/**
 * Deletes at most `limit` rows, table after table, in batches as large as the disk takes quickly; resolves with how many
 * went. Between two batches every request that waits has its turn.
 */
export function createSweep(
  db: SqliteDatabase,
  tables: readonly Sweepable[],
  { now: clock }: Pick<Runtime, 'now'> = systemRuntime,
) {
  const statements = tables.map(({ table, key, condition }) =>
    db.prepare(`delete from ${table} where ${key} in (select ${bare(key)} from ${table} where ${condition} limit ?2)`),
  )
  let size = rows.first
  async function batch(statement: Statement<never>, now: number, most: number): Promise<number> {
    const began = clock()
    const went = Number(await db.write(() => statement.run(now, most).changes))
    const took = clock() - began
    if (took > pace.slow) size = Math.max(rows.least, Math.floor(size / 2))
    else if (took < pace.quick && went === size) size = Math.min(rows.most, Math.ceil(size * 1.25))
    return went
  }
  const inSmallParts = smallParts(db)
  return (now: number, limit: number): Promise<number> => inSmallParts(() => sweep(now, limit))
  async function sweep(now: number, limit: number): Promise<number> {
    let gone = 0
    for (const statement of statements) {
      for (let full = true; full && gone < limit; ) {
        const most = Math.min(size, limit - gone)
        const went = await batch(statement, now, most)
        gone += went
        full = went === most
      }
    }
    return gone
  }
}

type Within = <T>(work: () => Promise<T>) => Promise<T>
/** One a file, which several stores may sweep at once. */
const known = new WeakMap<SqliteDatabase, Within>()

function smallParts(db: SqliteDatabase): Within {
  const within = known.get(db) ?? createSmallParts(db)
  known.set(db, within)
  return within
}

function createSmallParts(db: SqliteDatabase): Within {
  const asked = db.prepare<{ readonly wal_autocheckpoint: number }>('pragma wal_autocheckpoint')
  const usual = asked.get()?.wal_autocheckpoint ?? 1000
  const set = (pages: number): void => void db.prepare(`pragma wal_autocheckpoint = ${pages}`).get()
  let sweeping = 0
  return async (work) => {
    if (sweeping++ === 0) set(pagesAtOnce)
    try {
      return await work()
    } finally {
      if (--sweeping === 0 && db.isOpen) set(usual)
    }
  }
}

/** A key of two columns stands in brackets on the left of `in`, bare in the select. */
export function bare(key: string): string {
  return key.replace(/^\(|\)$/g, '')
}
