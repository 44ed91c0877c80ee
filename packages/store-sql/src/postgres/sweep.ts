import type { PostgresDatabase } from './postgres.ts'

/** So many rows go in one transaction, so that no request waits long for a sweep. */
const batchSize = 200

/** Deletes at most `limit` rows, table after table, a small batch at a time, passing by rows that someone works on. */
export function createPostgresSweep(
  db: PostgresDatabase,
  tables: readonly { readonly table: string; readonly condition: string }[],
) {
  const statements = tables.map(
    ({ table, condition }) =>
      `delete from ${table} where ctid = any (array(
         select ctid from ${table} where ${condition} limit $2 for update skip locked))`,
  )
  return async (now: number, limit: number): Promise<number> => {
    let gone = 0
    for (const statement of statements) {
      for (let full = true; full && gone < limit; ) {
        const size = Math.min(batchSize, limit - gone)
        const went = await db.count(statement, [now, size])
        gone += went
        full = went === size
      }
    }
    return gone
  }
}
