/**
 * Writes down which statements the verbs of this version send to PostgreSQL, and what comes back: at a release, for the
 * tests of the next, which run them beside its own.
 *
 *   node --conditions=source packages/store-sql/src/versions/record-verbs.ts > packages/store-sql/src/versions/VERSION.json
 */
import { createPostgresAccountStore, createPostgresSessionStore, createPostgresStore, openPostgres } from '../index.ts'
import { postgresSteps } from '../postgres/migrate.ts'
import type { PostgresDatabase } from '../postgres/postgres.ts'
import { startCluster } from '../trials/postgres-cluster.ts'
import { verbCalls } from './verbs.ts'

const cluster = await startCluster()
const db = openPostgres(await cluster.schema())
let statements: unknown[] = []
const recording: PostgresDatabase = {
  ...db,
  async read<Row>(sql: string, values: Parameters<PostgresDatabase['read']>[1] = []) {
    const rows = await db.read<Row>(sql, values)
    statements.push({ kind: 'read', sql, values, rows })
    return rows
  },
  async write<Row>(sql: string, values: Parameters<PostgresDatabase['write']>[1] = []) {
    const rows = await db.write<Row>(sql, values)
    statements.push({ kind: 'write', sql, values, rows })
    return rows
  },
  act: (sql, values, resultOf) =>
    db.act(sql, values, (rows: readonly never[]) => {
      statements.push({ kind: 'write', sql, values, rows })
      return resultOf(rows)
    }),
  async count(sql, values = []) {
    const count = await db.count(sql, values)
    statements.push({ kind: 'count', sql, values, count })
    return count
  },
}
const stores = {
  store: createPostgresStore(recording),
  accounts: createPostgresAccountStore(recording),
  sessions: createPostgresSessionStore(recording),
}
const calls: unknown[] = []
for (const { name, run } of verbCalls) {
  statements = []
  const result = (await run(stores)) ?? null
  calls.push({ name, result, statements })
}
const steps = postgresSteps().map((step) => step.name)
process.stdout.write(`${JSON.stringify({ steps, calls }, null, 2)}\n`)
await db.close()
await cluster.stop()
process.exit(0)
