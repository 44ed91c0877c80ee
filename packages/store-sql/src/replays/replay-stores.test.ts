import { runReplayStoreContract } from '@latchkey/api/replay-store-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresReplayStore, createSqliteReplayStore, openPostgres, openSqlite } from '../index.ts'
import { type Cluster, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'
import { temporaryFiles } from '../trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

runReplayStoreContract('replays in SQLite', async () => {
  const file = files.next()
  return [createSqliteReplayStore(openSqlite(file)), createSqliteReplayStore(openSqlite(file))]
})

test('features 12: proofs that expired leave no row behind', async () => {
  const db = openSqlite(files.next())
  const store = createSqliteReplayStore(db)
  const rows = db.prepare<{ readonly count: number }>('select count(*) as count from replays')
  for (let index = 0; index < 300; index++) await store.remember(`proof ${index}`, 1000, 900)
  await store.remember('late', 2000, 1001)
  await expect.poll(() => rows.get()?.count).toBe(1)
  await store.close()
})

describe.skipIf(whyNoPostgres !== null)(
  `on a real server${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`,
  () => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster()
    }, 60_000)
    afterAll(() => cluster.stop())

    runReplayStoreContract('replays in PostgreSQL', async () => {
      const url = await cluster.schema()
      return [createPostgresReplayStore(openPostgres(url)), createPostgresReplayStore(openPostgres(url))]
    })
  },
)
