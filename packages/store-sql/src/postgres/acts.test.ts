import { OAuthError } from '@latchkey/protocol'
import type { AuditRecord } from '@latchkey/provider'
import { storeRecords } from '@latchkey/provider/store-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresStore, openPostgres } from '../index.ts'
import { type Cluster, once, startCluster, whyNoPostgres } from '../trials/postgres-cluster.ts'
import { startProxy } from '../trials/postgres-proxy.ts'

const { auditRecord, fresh, now, sessionRecord } = storeRecords

const entry = auditRecord({ type: 'consent.withdrawn', clientId: 'web' })

describe.skipIf(whyNoPostgres !== null)(`acts${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())

  /** Somebody who allowed a client something, at a node behind a proxy. */
  async function consented() {
    const direct = await cluster.schema()
    const proxy = await startProxy(direct)
    const store = createPostgresStore(openPostgres(proxy.url, { retrySeconds: 0.5 }))
    await store.consents.grant('alice', 'web', { permissions: ['@'] }, now)
    const withdraw = () => store.consents.withdraw('alice', 'web', now)
    const stop = async () => {
      await store.close()
      await proxy.stop()
    }
    return { direct, proxy, store, withdraw, stop }
  }

  test('issue 4: an act and its entry are one transaction: where the entry cannot be written, nothing was done', async () => {
    const { store, withdraw, direct, stop } = await consented()
    const unwritable = { ...entry, type: null } as unknown as AuditRecord
    await expect(store.audit.along(withdraw, () => [unwritable])).rejects.toThrow('null value in column "type"')
    const broken = () => {
      throw new Error('no words for it')
    }
    await expect(store.audit.along(withdraw, broken)).rejects.toThrow('no words for it')
    expect(await store.consents.find('alice', 'web')).toEqual(['@'])
    expect((await store.audit.along(withdraw, () => [entry])).isWritten).toBe(true)
    expect(await store.consents.find('alice', 'web')).toEqual([])
    expect(await store.audit.list({ limit: 9 })).toEqual([entry])
    expect(await once(direct, "select 1 from pg_stat_activity where state like 'idle in transaction%'")).toEqual([])
    await stop()
  })

  test('an act with its entry takes two round trips, as an entry written behind it would', async () => {
    const { store, withdraw, proxy, stop } = await consented()
    await store.audit.along(withdraw, () => [entry])
    const before = proxy.roundTrips
    await store.audit.along(withdraw, () => [{ ...entry, id: `${entry.id}2` }])
    expect(proxy.roundTrips - before).toBe(2)
    await stop()
  })

  test('a connection that breaks before there is anything to commit has undone nothing: the act is done again, once', async () => {
    const { store, withdraw, proxy, stop } = await consented()
    let cuts = 0
    proxy.cutsBefore = (sent) => sent.includes('commit') && cuts++ < 1
    const answers = [await store.audit.along(withdraw, () => [entry]).catch((error: unknown) => error)]
    // What was to be committed was on its way: whether it took effect, the node cannot know.
    expect(answers[0]).toBeInstanceOf(OAuthError)
    expect(await store.consents.find('alice', 'web')).toEqual(['@'])
    let acts = 0
    proxy.cutsBefore = (sent) => sent.includes('alice') && sent.includes('begin') && acts++ < 2
    const { result } = await store.audit.along(withdraw, () => [entry])
    expect(result.hadConsent).toBe(true)
    expect([cuts, acts]).toEqual([1, 3])
    expect(await store.audit.list({ limit: 9 })).toEqual([entry])
    await stop()
  })

  test('what rides with one act rides with no other', async () => {
    const { store, withdraw, stop } = await consented()
    const later = async () => {
      await Promise.resolve()
      return withdraw()
    }
    expect((await store.audit.along(later, () => [entry])).isWritten).toBe(false)
    const reading = () => store.consents.find('alice', 'web')
    expect((await store.audit.along(reading, () => [entry])).isWritten).toBe(false)
    await store.sessions.create(sessionRecord({ sub: fresh('person') }), null)
    expect(await store.audit.list({ limit: 9 })).toEqual([])
    await stop()
  })
})
