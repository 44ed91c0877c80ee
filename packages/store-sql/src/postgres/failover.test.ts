import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { sessionStoreRecords } from '@latchkey/bff/session-store-contract'
import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { storeRecords } from '@latchkey/provider/store-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresSessionStore, createPostgresStore, openPostgres } from '../index.ts'
import { type Cluster, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'
import { type PostgresProxy, startProxy } from '../trials/postgres-proxy.ts'
import { temporaryFiles } from '../trials/temporary-files.ts'

const { now, sessionRecord } = sessionStoreRecords
const { fresh, longEnd } = storeRecords

/** In which waiting takes a hundredth of its time. */
const hasty: Runtime = { ...systemRuntime, schedule: (seconds, task) => systemRuntime.schedule(seconds / 100, task) }

describe.skipIf(whyNoPostgres !== null)(
  `when it fails over${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`,
  () => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster()
    }, 60_000)
    afterAll(() => cluster.stop())

    /** A BFF's store behind a proxy, which listens, and another that ends sessions past it. */
    async function listening() {
      const url = await cluster.schema()
      const proxy = await startProxy(url)
      const here = createPostgresSessionStore(openPostgres(proxy.url, { runtime: hasty }))
      const there = createPostgresSessionStore(openPostgres(url))
      const heard: (string | null)[] = []
      here.subscribe((hash) => heard.push(hash))
      const endOne = async () => {
        const record = sessionRecord()
        await there.create(record, null)
        await there.revoke({ hash: record.hash }, now)
        return record.hash
      }
      while (!heard.some((hash) => hash !== null)) await endOne()
      return { proxy, heard, endOne, close: () => Promise.all([here.close(), there.close()]).then(() => proxy.stop()) }
    }

    test.each<[string, (proxy: PostgresProxy) => void]>([
      ['breaks', (proxy) => proxy.cut()],
      ['is silent', (proxy) => proxy.silence()],
    ])(
      'a line to it that %s is laid anew, and who listens is told that something may have been missed',
      async (_name, fail) => {
        const { proxy, heard, endOne, close } = await listening()
        const before = heard.length
        fail(proxy)
        while (!heard.slice(before).includes(null)) await endOne()
        const hash = await endOne()
        while (!heard.includes(hash)) await new Promise(setImmediate)
        await close()
      },
    )

    test('a line that nobody answers for a while stands as soon as somebody does', async () => {
      const { proxy, heard, endOne, close } = await listening()
      const before = heard.length
      proxy.cut({ stays: true })
      const made = proxy.made
      while (proxy.made < made + 3) await endOne()
      expect(heard.slice(before).includes(null)).toBe(false)
      proxy.cut()
      while (!heard.slice(before).includes(null)) await endOne()
      await close()
    })

    test('what a node looks for goes on after every connection broke, and a write is not sent twice', async () => {
      const proxy = await startProxy(await cluster.schema())
      const store = createPostgresStore(openPostgres(proxy.url))
      const family = fresh('family')
      await store.families.revoke(family, now, longEnd)
      proxy.cut()
      expect(await store.families.find(family)).toMatchObject({ revokedAt: now })
      let cuts = 0
      proxy.cutsBefore = (sent) => sent.includes('never') && cuts++ === 0
      await expect(store.families.revoke('never', now, longEnd)).rejects.toMatchObject({
        code: 'temporarily_unavailable',
      })
      expect(cuts).toBe(1)
      expect(await store.families.find('never')).toBeNull()
      await store.close()
      await proxy.stop()
    })
  },
)

test('a database that takes its time to refuse is not asked for longer than it may be tried', async () => {
  const files = temporaryFiles()
  const folder = dirname(files.next())
  let clock = 1000
  let asked = 0
  // Each attempt takes a second of the node’s time.
  const server = createServer((socket) => {
    asked++
    clock++
    socket.destroy()
  })
  const path = join(folder, '.s.PGSQL.5432')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const runtime: Runtime = { ...hasty, now: () => clock }
  const url = `postgres://latchkey@/latchkey?host=${encodeURIComponent(folder)}`
  const store = createPostgresStore(openPostgres(url, { retrySeconds: 3, runtime }))
  await expect(store.keys.list()).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  expect(asked).toBe(3)
  await store.close()
  await new Promise((resolve) => server.close(resolve))
  files.remove()
})
