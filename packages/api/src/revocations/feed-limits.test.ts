import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ApiGuard, createApiGuard } from '../api-guard.ts'
import { readFeedFile, writeFeedFile } from './feed-file.ts'
import type { RevocationOptions } from './options.ts'
import { type FeedRow, testFeed } from './test-feed.ts'

let feed: Awaited<ReturnType<typeof testFeed>>
let guards: ApiGuard[]
let errors: unknown[]
let folder: string
beforeEach(async () => {
  feed = await testFeed()
  guards = []
  errors = []
  folder = mkdtempSync(join(tmpdir(), 'latchkey-limits-'))
})
afterEach(async () => {
  await Promise.all(guards.map((guard) => guard.close()))
  await feed.close()
  rmSync(folder, { recursive: true })
})

function newGuard(revocations: Partial<RevocationOptions> = {}): ApiGuard {
  const { issuer, runtime } = feed
  const identity = { clientId: 'guard', clientSecret: 'secret' }
  const onError = (error: unknown) => void errors.push(error)
  const all = { ...identity, whenStale: 'refuse' as const, ...revocations }
  guards.push(createApiGuard({ issuer, audience: 'urn:api', runtime, onError, revocations: all }))
  return guards.at(-1) as ApiGuard
}
const status = async (guard: ApiGuard, token: string) => {
  const decision = await guard.authenticate({ authorization: `Bearer ${token}` })
  return decision.outcome === 'refused' ? decision.refusal.status : 200
}
const isFresh = (guard: ApiGuard) => guard.feeds()[0]?.fresh
const fresh = (guard: ApiGuard) => expect.poll(() => isFresh(guard), { timeout: 5000, interval: 10 }).toBe(true)
const rows = (count: number, seconds = 3600, name = 'other'): FeedRow[] => {
  const now = Math.floor(feed.runtime.now())
  return Array.from({ length: count }, (_, index): FeedRow => ['token', `${name}-${index}`, now, now + seconds])
}

test('features 17: a snapshot that breaks off is gone on with, and counts only once it is whole', async () => {
  feed.pages = [rows(10, 3600, 'first'), rows(10, 3600, 'second'), rows(10, 3600, 'third')]
  feed.broken.add(1)
  const guard = newGuard()
  await expect.poll(() => feed.asked.length, { timeout: 5000 }).toBeGreaterThan(2)
  expect([isFresh(guard), feed.asked.slice(0, 3)]).toEqual([false, [0, 1, 1]])
  feed.broken.clear()
  await fresh(guard)
  for (const name of ['first', 'second', 'third']) {
    expect(await status(guard, await feed.token(`${name}-7`))).toBe(401)
  }
  expect(await status(guard, await feed.token('fourth-7'))).toBe(200)
  expect(feed.asked.filter((place) => place === 0)).toEqual([0])
})

describe('more is revoked than there is room for', () => {
  test('the feed counts as stale at once and says what to raise; once enough expired it is whole again', async () => {
    feed.pages = [[...rows(900, 100, 'early'), ...rows(600, 3600, 'late')]]
    const guard = newGuard({ limit: 1000 })
    await expect.poll(() => errors.map(String).join(' '), { timeout: 5000 }).toContain('raise revocations.limit')
    expect(errors).toHaveLength(1)
    expect(isFresh(guard)).toBe(false)
    expect(await status(guard, await feed.token('late-599'))).toBe(503)
    feed.runtime.advance(101)
    feed.synced()
    await fresh(guard)
    expect(await status(guard, await feed.token('late-599'))).toBe(401)
    expect(feed.asked).toEqual([0, 0])
  })

  test('what was kept under a larger limit is asked for again, and the guard starts', async () => {
    const persistTo = join(folder, 'revocations')
    feed.pages = [rows(5000)]
    const first = newGuard({ persistTo })
    await fresh(first)
    await first.close()
    feed.pages = [rows(10)]
    const second = newGuard({ persistTo, limit: 1000 })
    await fresh(second)
    expect(second.feeds()[0]?.held).toBe(10)
    expect(feed.asked).toEqual([0, 0])
  })
})

test('features 17: what was revoked while a guard was down is refused at its very first request, however fresh its file', async () => {
  const persistTo = join(folder, 'revocations')
  const first = newGuard({ persistTo })
  await fresh(first)
  await first.close()
  feed.entries.push('meanwhile')
  feed.served.length = 0
  let release = (): void => {}
  feed.hold = new Promise((resolve) => {
    release = resolve
  })
  const second = newGuard({ persistTo })
  const answer = status(second, await feed.token('meanwhile'))
  await expect.poll(() => feed.served).toContain('/jwks')
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  release()
  expect(await answer).toBe(401)
  expect(feed.asked).toEqual([0])
})

describe('the file that outlives restarts', () => {
  const kept = (count: number, seed: number) => ({
    issuer: 'https://id.example.com',
    seed,
    cursor: `${seed}.`,
    syncedAt: 1,
    rows: Uint32Array.from({ length: count * 4 }, () => seed),
  })

  test('one changed bit, or a lost row, and it is not believed', async () => {
    const path = join(folder, 'revocations')
    await writeFeedFile(path, kept(100, 7), 'a')
    const good = readFileSync(path)
    expect(await readFeedFile(path)).toMatchObject({ seed: 7, cursor: '7.' })
    const changed = Buffer.from(good)
    changed.writeUInt8(changed.readUInt8(changed.length - 9) ^ 1, changed.length - 9)
    for (const bad of [changed, good.subarray(0, -16), Buffer.concat([good, good.subarray(-16)]), Buffer.alloc(0)]) {
      writeFileSync(path, bad)
      expect(await readFeedFile(path)).toBeNull()
    }
  })

  test('of several processes that keep one file each writes it whole, and nothing is left lying about', async () => {
    const path = join(folder, 'revocations')
    const writers = Array.from({ length: 20 }, (_, seed) => writeFeedFile(path, kept(20_000, seed), `${seed}`))
    for (let time = 0; time < 20; time++) {
      await Promise.race(writers.slice(time))
      const found = await readFeedFile(path)
      expect(found?.rows.every((word) => word === found.seed)).toBe(true)
    }
    await Promise.all(writers)
    expect(readdirSync(folder)).toEqual(['revocations'])
  })

  test('a place that cannot be written is told of, leaves nothing behind and stops nothing', async () => {
    writeFileSync(join(folder, 'file'), '')
    feed.pages = [rows(3)]
    const guard = newGuard({ persistTo: join(folder, 'file', 'revocations') })
    await fresh(guard)
    await guard.close()
    expect(errors).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(['file'])
  })
})
