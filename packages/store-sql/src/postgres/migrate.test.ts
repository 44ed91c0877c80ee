import { storeRecords } from '@latchkey/provider/store-contract'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresStore, openPostgres } from '../index.ts'
import { type Cluster, once, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'
import { takeSteps } from '../trials/take-steps.ts'
import { postgresSteps } from './migrate.ts'

const { now, signIn } = storeRecords

describe.skipIf(whyNoPostgres !== null)(`the schema${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())
  schema(() => cluster)
  describe('indexes of tables that are there already', () => indexes(() => cluster))
})

function schema(cluster: () => Cluster): void {
  test('a user without any privilege but on its own schema is enough', async () => {
    const url = await cluster().schema()
    const name = /search_path%3D(\w+)/.exec(url)?.[1] ?? ''
    await once(url, `create role plain_${name} login; alter schema ${name} owner to plain_${name}`)
    const store = createPostgresStore(openPostgres(url.replace('latchkey@', `plain_${name}@`)))
    const { accessToken } = await signIn(store)
    expect(await store.accessTokens.find(accessToken.hash, now)).toEqual(accessToken)
    await store.close()
  })
  test('a plan names every step and statement and changes nothing', async () => {
    const url = await cluster().schema()
    const db = openPostgres(url)
    const steps = await db.plan()
    expect(steps.map((step) => step.name)).toEqual([
      '0001-first-tables',
      '0002-whole-protocol',
      '0003-status-lists',
      '0004-renewal-requests',
      '0005-pings',
      '0006-audit-events',
      '0007-own-page',
      'postgres-0001-functions',
      'postgres-0002-status-lists',
      'postgres-0003-renewal-requests',
      'postgres-0004-autovacuum',
      'postgres-0005-own-page',
      'postgres-0006-session-ends',
    ])
    expect(steps.every((step) => step.statements.length > 0)).toBe(true)
    expect(await once(url, "select to_regclass('latchkey_migrations') as made")).toEqual([{ made: null }])
    await db.ready()
    expect(await db.plan()).toEqual([])
    await db.close()
  })
  test('another program’s schema is refused and left as it is', async () => {
    const url = await cluster().schema()
    await once(url, 'create table clients (recipe text)')
    const db = openPostgres(url)
    await expect(db.ready()).rejects.toThrow('belongs to another program (it has a table "clients")')
    expect(await once(url, "select to_regclass('latchkey_migrations') as made")).toEqual([{ made: null }])
    await db.close()
  })
  test('a database that acknowledges before it has written is refused', async () => {
    const db = openPostgres(await cluster().schema('synchronous_commit=off'))
    await expect(db.ready()).rejects.toThrow('its synchronous_commit is off')
    await expect(createPostgresStore(db).keys.list()).rejects.toThrow('its synchronous_commit is off')
    await db.close()
  })
  test('a node of this version starts beside one of a newer version, whose steps it lets stand', async () => {
    const url = await cluster().schema()
    const newer = openPostgres(url)
    await newer.write("insert into latchkey_migrations (name) values ('9999-from-the-future')")
    const store = createPostgresStore(openPostgres(url))
    expect(await store.keys.list()).toEqual([])
    await Promise.all([newer.close(), store.close()])
  })
}

/** The steps before the one that adds indexes to tables that had none. */
const stepsBefore = postgresSteps()
  .map(({ name }) => name)
  .filter((name) => name < '0007' || (name.startsWith('postgres-') && name < 'postgres-0005'))

const last = 'indexes, built while everything goes on'
const insert = (id: string) =>
  `insert into families (family_id, client_id, sub, created_at, expires_at) values ('${id}', 'c', 's', 1, 2)`
const validity =
  "select bool_and(indisvalid) as all, count(*)::int from pg_index where indexrelid in ('families_of_person'::regclass, 'sessions_of_person'::regclass)"

function indexes(cluster: () => Cluster): void {
  test('issue 4: nobody who writes waits for an index of a large table, and no limit on statements stops it', async () => {
    const url = await cluster().schema()
    await takeSteps(url, stepsBefore)
    const db = openPostgres(url, { statementSeconds: 0.02 })
    const plan = await db.plan()
    expect(plan.at(-1)).toEqual({
      name: last,
      statements: [
        'create index concurrently if not exists "families_of_person" on "families" ("sub", "client_id")',
        `create index concurrently if not exists "sessions_of_person" on "sessions" (("data"::json ->> 'sub'))`,
      ],
    })
    expect(
      plan
        .slice(0, -1)
        .flatMap(({ statements }) => statements.join())
        .join(),
    ).not.toContain('create index')
    const [slow, other] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })]
    await Promise.all([slow.connect(), other.connect()])
    await slow.query('begin')
    await slow.query(insert('under way'))
    const ready = db.ready()
    const building =
      "select 1 from pg_stat_activity where query like 'create index concurrently%' and wait_event_type = 'Lock'"
    while ((await once(url, building)).length === 0);
    await other.query("set lock_timeout = '5s'")
    await other.query(insert('meanwhile'))
    const third = openPostgres(url)
    await third.ready()
    await slow.query('commit')
    await ready
    expect(await once(url, validity)).toEqual([{ all: true, count: 2 }])
    expect(await db.plan()).toEqual([])
    await Promise.all([slow.end(), other.end(), db.close(), third.close()])
  })
  test('an index that was begun and not finished is taken away and built anew by the next node that starts', async () => {
    const url = await cluster().schema()
    await takeSteps(url, stepsBefore)
    const first = openPostgres(url)
    await first.ready()
    await first.close()
    await once(url, "update pg_index set indisvalid = false where indexrelid = 'families_of_person'::regclass")
    await once(url, 'drop index sessions_of_person')
    const nodes = [openPostgres(url, { maxConnections: 1 }), openPostgres(url, { maxConnections: 1 })]
    expect(
      (await nodes[0]?.plan())?.map(({ name, statements }) => [name, ...statements.map((sql) => sql.slice(0, 41))]),
    ).toEqual([
      [
        last,
        'drop index concurrently if exists "famili',
        'create index concurrently if not exists "',
        'create index concurrently if not exists "',
      ],
    ])
    await Promise.all(nodes.map((node) => node.ready()))
    while ((await nodes[0]?.plan())?.length !== 0);
    expect(await once(url, validity)).toEqual([{ all: true, count: 2 }])
    await Promise.all(nodes.map((node) => node.close()))
  })
  test('a new database gets all its indexes with its tables', async () => {
    const url = await cluster().schema()
    const db = openPostgres(url)
    expect(JSON.stringify(await db.plan())).not.toContain('concurrently')
    await db.ready()
    expect(await once(url, validity)).toEqual([{ all: true, count: 2 }])
    await db.close()
  })
  test('several nodes that start at once on an earlier schema all become ready, and each step is taken once', async () => {
    const url = await cluster().schema('default_transaction_isolation=serializable')
    await takeSteps(url, stepsBefore)
    const nodes = Array.from({ length: 4 }, () => openPostgres(url))
    await Promise.all(nodes.map((node) => node.ready()))
    const taken = await once(url, 'select name from latchkey_migrations')
    expect(taken.map(({ name }) => name).sort()).toEqual(
      postgresSteps()
        .map(({ name }) => name)
        .sort(),
    )
    while ((await nodes[0]?.plan())?.length !== 0);
    await Promise.all(nodes.map((node) => node.close()))
  })
  test('a step that must have a table for itself makes nobody wait behind it while somebody else holds the table', async () => {
    const url = await cluster().schema()
    await takeSteps(url, stepsBefore)
    const reader = new pg.Client({ connectionString: url })
    await reader.connect()
    await reader.query('begin')
    await reader.query('select * from consents')
    const db = openPostgres(url)
    const ready = db.ready()
    const waiting = "select 1 from pg_stat_activity where query like 'alter table%' and wait_event_type = 'Lock'"
    while ((await once(url, waiting)).length === 0);
    // It waits behind the step, and the step lets it pass by.
    await once(url, 'select * from consents')
    await reader.query('commit')
    await ready
    await Promise.all([reader.end(), db.close()])
  })
}
