import { sessionStoreRecords } from '@latchkey/bff/session-store-contract'
import { OAuthError, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { storeRecords } from '@latchkey/provider/store-contract'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresSessionStore, createPostgresStore, openPostgres } from '../index.ts'
import { type Cluster, once, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'

const { codeRecord, fresh, grounds, issuedFor, longEnd, now, signIn, tally } = storeRecords

describe.skipIf(whyNoPostgres !== null)(`PostgreSQL${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())

  describe('news between nodes', () => news(() => cluster))
  describe('revocations', () => order(() => cluster))
  describe('what a database may do', () => isolation(() => cluster))
})

async function twoNodes(cluster: Cluster) {
  const url = await cluster.schema()
  return [openPostgres(url), openPostgres(url)] as const
}

/** Writes again and again until the other node has heard: it may not listen yet. */
async function untilHeard(listen: (heard: () => void) => void, write: () => Promise<unknown>): Promise<void> {
  let isHeard = false
  listen(() => {
    isHeard = true
  })
  while (!isHeard) {
    await write()
    await new Promise(setImmediate)
  }
}

function news(cluster: () => Cluster): void {
  test('a node hears at once of what another node took back', async () => {
    const [here, there] = (await twoNodes(cluster())).map(createPostgresStore)
    if (here === undefined || there === undefined) throw new Error('no stores')
    await untilHeard(
      (heard) => here.revocations.subscribe(heard),
      () => there.families.revoke(fresh('family'), now, longEnd),
    )
    await Promise.all([here.close(), there.close()])
  })
  test('a BFF hears at once of a session that another node ended', async () => {
    const [here, there] = (await twoNodes(cluster())).map(createPostgresSessionStore)
    if (here === undefined || there === undefined) throw new Error('no stores')
    const ended = new Set<string>()
    await untilHeard(
      (heard) =>
        here.subscribe((hash) => {
          if (hash === null) return
          expect(ended).toContain(hash)
          heard()
        }),
      async () => {
        const record = sessionStoreRecords.sessionRecord()
        await there.create(record, null)
        ended.add(record.hash)
        await there.revoke({ hash: record.hash }, sessionStoreRecords.now)
      },
    )
    await Promise.all([here.close(), there.close()])
  })
  test('behind a pooler nobody listens and nothing is prepared; news are looked for each second', async () => {
    const url = await cluster().schema('application_name=pooled')
    let tasks: (() => void)[] = []
    const runtime: Runtime = {
      ...systemRuntime,
      schedule(seconds, task) {
        if (seconds !== 1) return systemRuntime.schedule(seconds, task)
        tasks.push(task)
        return () => {}
      },
    }
    const here = createPostgresStore(openPostgres(url, { pooled: true, runtime }))
    const there = createPostgresStore(openPostgres(url, { pooled: true }))
    const look = async (): Promise<void> => {
      for (const task of tasks.splice(0)) task()
      await here.keys.list()
    }
    await untilHeard((heard) => here.revocations.subscribe(heard), look)
    await untilHeard(
      (heard) => here.revocations.subscribe(heard),
      async () => {
        await there.families.revoke(fresh('family'), now, longEnd)
        await look()
      },
    )
    tasks = []
    const listening = "select 1 from pg_stat_activity where query ilike 'listen%'"
    expect(await once(url, listening)).toEqual([])
    await Promise.all([here.close(), there.close()])
  })
}

function order(cluster: () => Cluster): void {
  test('an entry that is committed late is not passed by: it comes after those that were read before', async () => {
    const url = await cluster().schema()
    const store = createPostgresStore(openPostgres(url))
    await store.keys.list()
    const slow = new pg.Client({ connectionString: url })
    await slow.connect()
    await slow.query('begin')
    await slow.query("select latchkey_append_revocation('family', 'late', 1, 2)")
    await store.families.revoke('early', now, longEnd)
    const first = await store.revocations.after(0, 9)
    expect(first.map((entry) => entry.id)).toEqual(['early'])
    await slow.query('commit')
    await slow.end()
    const next = await store.revocations.after(first.at(-1)?.sequence ?? 0, 9)
    expect(next.map((entry) => entry.id)).toEqual(['late'])
    await store.close()
  })
}

function isolation(cluster: () => Cluster): void {
  test('features 14: where transactions are serializable by default, one of two nodes wins all the same', async () => {
    const url = await cluster().schema('default_transaction_isolation=serializable')
    const nodes = [createPostgresStore(openPostgres(url)), createPostgresStore(openPostgres(url))] as const
    for (let round = 0; round < 30; round++) {
      const of = grounds()
      const code = codeRecord(of)
      await nodes[0].codes.create(code)
      const answers = await Promise.all(nodes.map((node) => node.codes.redeem(code.hash, issuedFor(of), now)))
      expect(tally(answers)).toEqual({ redeemed: 1, reused: 1 })
    }
    await Promise.all(nodes.map((node) => node.close()))
  })
  test('during a failover, while the database only reads, writes wait; they are done when it writes again, once', async () => {
    const url = await cluster().schema()
    const store = createPostgresStore(openPostgres(url, { retrySeconds: 30 }))
    const { grounds: of } = await signIn(store)
    // Every session at once, as where a standby is asked before it was made the first.
    await once(url, 'alter system set default_transaction_read_only = on')
    await once(url, 'select pg_reload_conf()')
    while ((await once(url, 'show default_transaction_read_only'))[0]?.default_transaction_read_only !== 'on');
    let isDone = false
    const revoked = store.families.revoke(of.familyId, now, longEnd).finally(() => {
      isDone = true
    })
    expect(await store.families.find(of.familyId)).toMatchObject({ revokedAt: null })
    expect(isDone).toBe(false)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query('set default_transaction_read_only = off')
    await client.query('alter system reset default_transaction_read_only')
    await client.query('select pg_reload_conf()')
    await client.end()
    expect(await revoked).toBe(true)
    expect((await store.revocations.after(0, 9)).map(({ id }) => id)).toEqual([of.familyId])
    await store.close()
  })
  test('a statement that waits too long is refused as unavailable, and has written nothing', async () => {
    const url = await cluster().schema()
    const store = createPostgresStore(openPostgres(url, { statementSeconds: 0.3 }))
    const { grounds: of } = await signIn(store)
    const holder = new pg.Client({ connectionString: url })
    await holder.connect()
    await holder.query('begin')
    await holder.query('select * from families for update')
    const refused = await store.families.revoke(of.familyId, now, longEnd).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(OAuthError)
    expect(refused).toMatchObject({ code: 'temporarily_unavailable', retryAfterSeconds: 2 })
    await holder.query('rollback')
    await holder.end()
    expect((await store.families.find(of.familyId))?.revokedAt).toBeNull()
    await store.close()
  })
  test('signs that PostgreSQL’s text does not know harm nobody', async () => {
    const store = createPostgresStore(openPostgres(await cluster().schema()))
    expect(await store.clients.find('a\u0000b')).toBeNull()
    expect(await store.pendingGrants.findByLookup('\u0000\ud800', now + 0.5)).toBeNull()
    const of = grounds({ sub: 'with\u0000nul' })
    const { accessToken } = await signIn(store, of)
    expect(await store.accessTokens.find(accessToken.hash, now + 0.5)).toEqual(accessToken)
    await store.close()
  })
}

test('features 1: a database that is not there is unavailable, and no message holds the password', async () => {
  const db = openPostgres('postgres://latchkey:hunter2@127.0.0.1:1/latchkey', { retrySeconds: 0 })
  const error = await createPostgresStore(db)
    .clients.find('web')
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(OAuthError)
  const { code, detail, message } = error as OAuthError
  expect(code).toBe('temporarily_unavailable')
  expect(detail).toContain('postgres://127.0.0.1:1/latchkey: connect ECONNREFUSED')
  expect(`${detail} ${message} ${db.place}`).not.toContain('hunter2')
  await db.close()
})
