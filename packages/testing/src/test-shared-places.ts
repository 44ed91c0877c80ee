import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccountStore } from '@latchkey/accounts'
import type { Store } from '@latchkey/provider'
import {
  createPostgresAccountStore,
  createPostgresStore,
  createSqliteAccountStore,
  createSqliteStore,
  openPostgres,
  openSqlite,
} from '@latchkey/store-sql'
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest'
import { type Cluster, startCluster, whyNoPostgres } from '../../store-sql/src/trials/postgres-cluster.ts'
import { type TestProvider, type TestProviderOptions, testProvider } from './test-provider.ts'
import { type TestRuntime, testRuntime } from './test-runtime.ts'

/** What one node has of its own: connections to the data that all nodes of a test share. */
export interface SharedNode {
  readonly store: Store
  readonly accounts: AccountStore
}

export interface SharedPlace {
  /** Another node's connections; closed with the test. */
  open(): SharedNode
  /** Closes this with the test, before what was opened earlier. */
  closing<T extends { close(): Promise<void> }>(one: T): T
  /** So many providers on one data set, each with connections of its own, under one clock. */
  nodes(count: number, options?: TestProviderOptions & { readonly runtime?: TestRuntime }): Promise<TestProvider[]>
}

/** Runs the tests on one SQLite file and in one PostgreSQL schema, new for each test. */
export function onSharedPlaces(tests: (place: SharedPlace) => void): void {
  let connect: () => SharedNode
  const opened: { close(): Promise<void> }[] = []
  const place: SharedPlace = {
    open() {
      const node = connect()
      opened.push(node.store, node.accounts)
      return node
    },
    closing(one) {
      opened.push(one)
      return one
    },
    async nodes(count, { runtime = testRuntime(), ...options } = {}) {
      const made: TestProvider[] = []
      for (let number = 0; number < count; number++)
        made.push(place.closing(await testProvider({ ...options, store: place.open().store, runtime })))
      return made
    },
  }
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close()
  })
  describe('on one SQLite file', () => {
    const folders: string[] = []
    beforeEach(() => {
      const folder = mkdtempSync(join(tmpdir(), 'latchkey-shared-'))
      folders.push(folder)
      connect = () => {
        const db = openSqlite(join(folder, 'provider.db'))
        return { store: createSqliteStore(db), accounts: createSqliteAccountStore(db) }
      }
    })
    afterAll(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    })
    tests(place)
  })
  const why = whyNoPostgres === null ? '' : ` (${whyNoPostgres})`
  describe.skipIf(whyNoPostgres !== null)(`in one PostgreSQL schema${why}`, () => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster()
    }, 60_000)
    afterAll(() => cluster.stop())
    beforeEach(async () => {
      const url = await cluster.schema()
      connect = () => {
        const db = openPostgres(url)
        return { store: createPostgresStore(db), accounts: createPostgresAccountStore(db) }
      }
    })
    tests(place)
  })
}
