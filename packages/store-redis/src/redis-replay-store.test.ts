import { runReplayStoreContract } from '@latchkey/api/replay-store-contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRedisReplayStore } from './index.ts'
import { type RedisServer, startRedis, whyNoRedis } from './trials/redis-server.ts'

describe.skipIf(whyNoRedis !== null)(`on a real server${whyNoRedis === null ? '' : ` (${whyNoRedis})`}`, () => {
  let server: RedisServer
  let serial = 0
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  const open = (prefix: string) => createRedisReplayStore({ socketPath: server.socketPath, prefix, waitSeconds: 1 })

  runReplayStoreContract('replays in Redis', async () => {
    const prefix = `{trial}:${serial++}:`
    return [open(prefix), open(prefix)]
  })

  test('features 41: while Redis is away a proof is refused for the moment, never let through unseen', async () => {
    const store = open(`{trial}:${serial++}:`)
    expect(await store.remember('one', 2_000_000_000, 1_900_000_000)).toBe(true)
    await server.kill()
    await expect(store.remember('two', 2_000_000_000, 1_900_000_000)).rejects.toThrow('temporarily_unavailable')
    await server.start()
    await expect
      .poll(() => store.remember('one', 2_000_000_000, 1_900_000_000).catch(() => 'away'), { timeout: 10_000 })
      .toBe(false)
    await store.close()
  })
})

test('a store without a place is refused at start', () => {
  expect(() => createRedisReplayStore({})).toThrow('either `url` or `socketPath`')
})
