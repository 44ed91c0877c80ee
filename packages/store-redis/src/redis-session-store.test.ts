import { runSessionStoreContract, sessionStoreRecords } from '@latchkey/bff/session-store-contract'
import { ConfigError, OAuthError } from '@latchkey/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRedisSessionStore } from './index.ts'
import { type RedisServer, startRedis, whyNoRedis } from './trials/redis-server.ts'

const { now, sessionRecord } = sessionStoreRecords

describe.skipIf(whyNoRedis !== null)(`on a real server${whyNoRedis === null ? '' : ` (${whyNoRedis})`}`, () => {
  let server: RedisServer
  let serial = 0
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  const open = (prefix = `{trial}:${serial++}:`) => createRedisSessionStore({ socketPath: server.socketPath, prefix })
  const twoNodes = () => {
    const prefix = `{trial}:${serial++}:`
    return [open(prefix), open(prefix)] as const
  }

  runSessionStoreContract('Redis session store', async () => open())

  test('features 45: of many callers at two nodes exactly one may renew', async () => {
    const [here, there] = twoNodes()
    const record = sessionRecord()
    await here.create(record, null)
    const at = { now, leaseSeconds: 10 }
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? here : there).claimRefresh(record.hash, 1, at)),
    )
    expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1)
    await Promise.all([here.close(), there.close()])
  })

  test('a node hears of a session that another node ended, and of its own once', async () => {
    const [here, there] = twoNodes()
    const heard: string[] = []
    here.subscribe((hash) => hash !== null && heard.push(hash))
    const foreign = new Set<string>()
    // It may not listen yet: the other ends sessions until it does.
    while (heard.length === 0) {
      const record = sessionRecord()
      foreign.add(record.hash)
      await there.create(record, null)
      await there.revoke({ hash: record.hash }, now)
      await new Promise(setImmediate)
    }
    for (const hash of heard) expect(foreign).toContain(hash)
    const own = sessionRecord()
    await here.create(own, null)
    await here.revoke({ hash: own.hash }, now)
    const last = sessionRecord()
    await there.create(last, null)
    await there.revoke({ hash: last.hash }, now)
    while (!heard.includes(last.hash)) await new Promise(setImmediate)
    expect(heard.filter((hash) => hash === own.hash)).toHaveLength(1)
    await Promise.all([here.close(), there.close()])
  })

  test('who listened while the server was away is told that it may have missed something, and hears again', async () => {
    const [here, there] = twoNodes()
    const heard: (string | null)[] = []
    here.subscribe((hash) => heard.push(hash))
    const endOne = async () => {
      const { hash } = sessionRecord()
      await there.create(sessionRecord({ hash }), null)
      await there.revoke({ hash }, now)
      return hash
    }
    while (heard.length === 0) await endOne()
    await server.kill()
    await server.start()
    while (!heard.includes(null)) await new Promise(setImmediate)
    const hash = await endOne()
    while (!heard.includes(hash)) await new Promise(setImmediate)
    await Promise.all([here.close(), there.close()])
  })

  test('what one process keeps is not seen under another prefix', async () => {
    const [one, two] = [open(), open()]
    const record = sessionRecord()
    await one.create(record, null)
    expect(await two.load(record.hash, now)).toBeNull()
    await Promise.all([one.close(), two.close()])
  })

  test('nothing but the rows it needs is left when everything is swept', async () => {
    const store = open()
    for (let count = 0; count < 450; count++) await store.create(sessionRecord({ sub: 'alice', sid: 'sid-a' }), null)
    await store.revoke({ sid: 'sid-a', clientId: 'bff' }, now)
    expect(await store.list({ sub: 'alice' }, { limit: 1000, now })).toEqual([])
    expect(await store.sweep(now + 3600, 1000)).toBe(450)
    expect(await store.sweep(now + 3600, 1000)).toBe(0)
    await store.close()
  })

  test('a page is filled past many sessions that have expired and were not swept', async () => {
    const store = open()
    for (let count = 0; count < 150; count++) await store.create(sessionRecord({ sub: 'bob' }), null)
    const live = sessionRecord({ sub: 'bob', idleExpiresAt: now + 9000 })
    await store.create(live, null)
    expect(await store.list({ sub: 'bob' }, { limit: 1, now: now + 1800 })).toEqual([live])
    await store.close()
  })

  test('a server that is killed refuses for now, keeps what was acknowledged, and is found again', async () => {
    const record = sessionRecord()
    const prefix = '{trial}:killed:'
    const before = open(prefix)
    await before.create(record, null)
    const revoked = sessionRecord()
    await before.create(revoked, null)
    await before.revoke({ hash: revoked.hash }, now)
    await server.kill()
    const hasty = createRedisSessionStore({ socketPath: server.socketPath, prefix, waitSeconds: 0.05 })
    const refusal = await hasty.load(record.hash, now).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(OAuthError)
    expect(refusal).toMatchObject({ code: 'temporarily_unavailable', retryAfterSeconds: 2 })
    const givenUp = sessionRecord()
    await expect(hasty.create(givenUp, null)).rejects.toThrow(OAuthError)
    await server.start()
    while ((await hasty.load(record.hash, now).catch(() => null)) === null) await new Promise(setImmediate)
    expect(await hasty.load(givenUp.hash, now)).toBeNull()
    await hasty.close()
    expect(await before.load(record.hash, now)).toEqual(record)
    expect(await before.load(revoked.hash, now)).toBeNull()
    await expect(before.create(revoked, null)).rejects.toThrow('has existed')
    await before.close()
  })
})

test('two places, or none, are refused', () => {
  for (const options of [{}, { url: 'redis://127.0.0.1', socketPath: '/run/redis.sock' }])
    expect(() => createRedisSessionStore(options)).toThrow(ConfigError)
})

test('where Redis cannot be reached, the password of its address stands in no message', async () => {
  const store = createRedisSessionStore({ url: 'redis://bff:a-password@127.0.0.1:1', waitSeconds: 0.05 })
  const refusal = await store.load('x', now).catch((error: unknown) => error)
  await store.close()
  expect(refusal).toMatchObject({ detail: expect.stringContaining('127.0.0.1:1') })
  expect(JSON.stringify(refusal) + String(refusal)).not.toContain('a-password')
})
