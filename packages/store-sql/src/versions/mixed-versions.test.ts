import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresAccountStore, createPostgresSessionStore, createPostgresStore, openPostgres } from '../index.ts'
import { planSqlite } from '../migrate.ts'
import { type Connections, createConnections } from '../postgres/connections.ts'
import { postgresSteps } from '../postgres/migrate.ts'
import type { PostgresDatabase, Value } from '../postgres/postgres.ts'
import { type Cluster, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'
import { takeSteps } from '../trials/take-steps.ts'
import { type Stores, verbCalls } from './verbs.ts'

type Recorded = { readonly sql: string; readonly values: readonly Value[] } & (
  | { readonly kind: 'read' | 'write'; readonly rows: readonly object[] }
  | { readonly kind: 'count'; readonly count: number }
)

/** What an earlier version sent to PostgreSQL for each verb, and what came back; made by record-verbs.ts. */
interface Version {
  readonly steps: readonly string[]
  readonly calls: readonly {
    readonly name: string
    readonly result: unknown
    readonly statements: readonly Recorded[]
  }[]
}

const versions = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.json'))
  .map((file) => [file, JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as Version] as const)

describe.skipIf(whyNoPostgres !== null)(`versions${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())

  describe.each(versions)('%s', (_file, version) => {
    test.each([
      ['odd', 0],
      ['even', 1],
    ])(
      'in the schema of today its statements and the verbs of today take turns, the %s ones its own',
      async (_name, turn) => {
        const db = openPostgres(await cluster.schema())
        const stores = storesOf(db)
        for (const [index, call] of version.calls.entries()) {
          if (index % 2 === turn) await replay(db, call)
          else await today(stores, call)
        }
        await db.close()
      },
    )

    test('a node of it goes on working while the schema becomes the one of today, in the midst of its work', async () => {
      const url = await cluster.schema()
      await takeSteps(url, version.steps)
      const connections = createConnections(url, { runtime: systemRuntime, maxConnections: 2 })
      const node = nodeOn(connections)
      const half = Math.floor(version.calls.length / 2)
      for (const call of version.calls.slice(0, half)) await replay(node, call)
      // What it has prepared by now it goes on using.
      for (const { statements } of version.calls) {
        for (const { kind, sql, values } of statements) if (kind === 'read') await node.read(sql, values)
      }
      const newer = openPostgres(url)
      await newer.ready()
      expect(await newer.plan()).toEqual([])
      for (const call of version.calls.slice(half)) await replay(node, call)
      await Promise.all([newer.close(), connections.close()])
    })
  })

  test('a published step is never changed: what an earlier version took is what this one would take', () => {
    const digests = Object.fromEntries(
      [...postgresSteps(), ...planSqlite('').map((step) => ({ ...step, name: `SQLite ${step.name}` }))].map((step) => [
        step.name,
        createHash('sha256').update(step.statements.join(';\n')).digest('base64url').slice(0, 16),
      ]),
    )
    expect(digests).toMatchObject(published)
    expect(Object.keys(digests), 'name a new step here, with its digest').toEqual(Object.keys(published))
  })
})

function storesOf(db: PostgresDatabase): Stores {
  return {
    store: createPostgresStore(db),
    accounts: createPostgresAccountStore(db),
    sessions: createPostgresSessionStore(db),
  }
}

/** Runs the statements of a call as they were recorded; what has become more since does not matter. */
async function replay(db: Pick<PostgresDatabase, 'read' | 'write' | 'count'>, call: Version['calls'][number]) {
  for (const statement of call.statements) {
    const { kind, sql, values } = statement
    if (kind === 'count') expect(await db.count(sql, values), call.name).toBe(statement.count)
    else expect(await db[kind](sql, values), call.name).toMatchObject(statement.rows)
  }
}

async function today(stores: Stores, { name, result }: Version['calls'][number]): Promise<void> {
  const call = verbCalls.find((each) => each.name === name)
  if (call === undefined) throw new Error(`there is no call "${name}" any more`)
  const answer: unknown = JSON.parse(JSON.stringify((await call.run(stores)) ?? null))
  if (typeof result === 'object' && result !== null) expect(answer, name).toMatchObject(result)
  else expect(answer, name).toEqual(result)
}

/** A node that takes no steps. */
function nodeOn({ run }: Pick<Connections, 'run'>): Pick<PostgresDatabase, 'read' | 'write' | 'count'> {
  const rows = async <Row>(sql: string, values: readonly Value[] = []) => (await run<Row>(sql, values)).rows
  return { read: rows, write: rows, count: async (sql, values = []) => (await run(sql, values)).count }
}

/** SHA-256 of each step's statements. A change goes into a step of its own: databases that took this one never see it. */
const published: Readonly<Record<string, string>> = {
  '0001-first-tables': 'xOk2o9KQL4S0PEWa',
  '0002-whole-protocol': 'p2K-jb2RczqNqGlP',
  '0003-status-lists': '0Qj_WyPHcAK5TANk',
  '0004-renewal-requests': 'EIyQjUHPkiGz44Yc',
  '0005-pings': 'y7rxJDnNi2_t32K9',
  '0006-audit-events': 'K3qYUvOWewiVGgCR',
  '0007-own-page': 'txGiopfoIEHAWFey',
  'postgres-0001-functions': 'RmUH0BnLrcCXHffE',
  'postgres-0002-status-lists': 'cjyEoWVS3yfKFouj',
  'postgres-0003-renewal-requests': '5z05fmLpRVOGlzrZ',
  'postgres-0004-autovacuum': '8ui5UODhJCsbmI9Q',
  'postgres-0005-own-page': 'zcA_EeZHpTQpZfKf',
  'postgres-0006-session-ends': 'QPsx3csWX5ZHWlIl',
  'SQLite 0001-first-tables': 'M4V6hdJ5p_bODNiC',
  'SQLite 0002-whole-protocol': 'Yonlva1wLPu__YA5',
  'SQLite 0003-status-lists': 'nuIWrCGE9UoHj09N',
  'SQLite 0004-renewal-requests': 'YN8m6xq6UwZO-zcd',
  'SQLite 0005-pings': 'rC7EROPa2zZ0ze4b',
  'SQLite 0006-audit-events': 'ZldGwFgsizUHEXAG',
  'SQLite 0007-own-page': '9ZOuJKNvGukP_uNl',
}
