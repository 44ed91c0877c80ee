import { runAccountStoreContract } from '@latchkey/accounts/account-store-contract'
import { runSessionStoreContract } from '@latchkey/bff/session-store-contract'
import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { runSharedStoreContract, runStoreContract, storeRecords } from '@latchkey/provider/store-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresAccountStore, createPostgresSessionStore, createPostgresStore, openPostgres } from '../index.ts'
import { type Pooler, startPooler, whyNoPooler } from '../trials/pgbouncer.ts'
import { type Cluster, empty, once, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'

const why = whyNoPostgres ?? whyNoPooler
const { fresh, longEnd, now, tally, grounds, codeRecord, issuedFor } = storeRecords

describe.skipIf(why !== null)(`behind PgBouncer in transaction mode${why === null ? '' : ` (${why})`}`, () => {
  let cluster: Cluster
  let pooler: Pooler
  beforeAll(async () => {
    cluster = await startCluster()
    pooler = await startPooler(await cluster.schema())
  }, 60_000)
  afterAll(async () => {
    await pooler.stop()
    await cluster.stop()
  })
  let used: Awaited<ReturnType<Pooler['schema']>> | undefined
  /** One schema for all, emptied past the pooler each time. */
  const place = async () => {
    if (used !== undefined) await empty(used.direct)
    used ??= await pooler.schema()
    return used.pooled
  }
  const open = async () => openPostgres(await place(), { pooled: true })

  runStoreContract('PostgreSQL store', async () => createPostgresStore(await open()))
  runSharedStoreContract('PostgreSQL store', async () => {
    const url = await place()
    const node = () => createPostgresStore(openPostgres(url, { pooled: true }))
    return [node(), node()]
  })
  runAccountStoreContract('PostgreSQL account store', async () => createPostgresAccountStore(await open()))
  runSessionStoreContract('PostgreSQL session store', async () => createPostgresSessionStore(await open()))

  describe('recognising it', () =>
    recognition(
      () => cluster,
      () => pooler,
    ))
})

function recognition(cluster: () => Cluster, pooler: () => Pooler): void {
  test('it is recognised by the settings it refuses: nothing is prepared, nobody listens, news are looked for', async () => {
    const { pooled, direct } = await pooler().schema()
    let looks: (() => void)[] = []
    const runtime: Runtime = {
      ...systemRuntime,
      schedule(seconds, task) {
        if (seconds !== 1) return systemRuntime.schedule(seconds, task)
        looks.push(task)
        return () => {}
      },
    }
    const db = openPostgres(pooled, { runtime })
    await db.ready()
    expect(db.notifications.isOff).toBe(true)
    const here = createPostgresStore(db)
    const there = createPostgresStore(openPostgres(direct))
    let heard = 0
    here.revocations.subscribe(() => void heard++)
    while (heard < 2) {
      await there.families.revoke(fresh('family'), now, longEnd)
      for (const look of looks.splice(0)) look()
      await here.keys.list()
    }
    looks = []
    expect(await once(direct, "select 1 from pg_stat_activity where query ilike 'listen%'")).toEqual([])
    await Promise.all([here.close(), there.close()])
  })

  test('one that drops those settings is recognised by statements that it mixes up, and nothing is lost or done twice', async () => {
    const quiet = await startPooler(await cluster().schema(), 'statement_timeout')
    const { pooled } = await quiet.schema()
    const nodes = [openPostgres(pooled), openPostgres(pooled)].map(createPostgresStore)
    const answers = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const of = grounds()
        const code = codeRecord(of)
        await nodes[0]?.codes.create(code)
        return Promise.all(nodes.map((node) => node.codes.redeem(code.hash, issuedFor(of), now)))
      }),
    )
    expect(tally(answers.flat())).toEqual({ redeemed: 40, reused: 40 })
    await Promise.all(nodes.map((node) => node.close()))
    await quiet.stop()
  })

  test('who says that there is no pooler is told what it refuses', async () => {
    const { pooled } = await pooler().schema()
    const db = openPostgres(pooled, { pooled: false, retrySeconds: 0 })
    const error = await db.ready().catch((reason: unknown) => reason)
    expect((error as { detail?: string }).detail).toContain('unsupported startup parameter')
    await db.close()
  })
}
