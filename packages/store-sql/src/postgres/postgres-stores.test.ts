import { runAccountStoreContract } from '@latchkey/accounts/account-store-contract'
import { runSessionStoreContract } from '@latchkey/bff/session-store-contract'
import { runSharedStoreContract, runStoreContract } from '@latchkey/provider/store-contract'
import { afterAll, beforeAll, describe } from 'vitest'
import { createPostgresAccountStore, createPostgresSessionStore, createPostgresStore, openPostgres } from '../index.ts'
import { type Cluster, empty, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'

describe.skipIf(whyNoPostgres !== null)(
  `on a real server${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`,
  () => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster()
    }, 60_000)
    afterAll(() => cluster.stop())
    let used: string | undefined
    /** One schema for all, emptied each time. */
    const place = async () => {
      used ??= await cluster.schema()
      await empty(used)
      return used
    }
    const open = async () => openPostgres(await place())

    runStoreContract('PostgreSQL store', async () => createPostgresStore(await open()))
    runSharedStoreContract('PostgreSQL store', async () => {
      const url = await place()
      return [createPostgresStore(openPostgres(url)), createPostgresStore(openPostgres(url))]
    })
    runAccountStoreContract('PostgreSQL account store', async () => createPostgresAccountStore(await open()))
    runSessionStoreContract('PostgreSQL session store', async () => createPostgresSessionStore(await open()))
  },
)
