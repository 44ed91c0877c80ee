import type { Store } from '@latchkey/provider'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresStore, createSqliteStore, openPostgres, openSqlite } from './index.ts'
import { startChild } from './trials/child.ts'
import { type Cluster, startCluster, whyNoPostgres } from './trials/postgres-cluster.ts'
import { type Outcomes, prepareRace, race } from './trials/race.ts'
import { issuedOf } from './trials/records.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

const count = 1000
const callers = [
  ['a1', 'a2', 'a3', 'a4'],
  ['b1', 'b2', 'b3', 'b4'],
] as const

/** Lets two processes go at the same moment. */
async function twoProcesses(place: string, size: number): Promise<readonly Outcomes[]> {
  const racers = callers.map((names) => startChild('racer.ts', [place, String(size), ...names]))
  for (const { lines } of racers) expect((await lines.next()).value).toBe('ready')
  for (const { process } of racers) process.stdin?.end('go\n')
  const answers = await Promise.all(racers.map(async ({ lines }) => JSON.parse((await lines.next()).value) as Outcomes))
  await Promise.all(racers.map((racer) => racer.ended))
  return answers
}

/** Exactly one success each; whoever else came with the refresh token got the same successor, and it alone was written. */
async function expectOneWinnerEach(store: Store, answers: readonly Outcomes[]): Promise<void> {
  for (let number = 0; number < count; number++) {
    const redeemed = answers.flatMap((answer) => answer.codes[number] ?? []).sort()
    expect(redeemed, `code ${number}`).toEqual(['redeemed', ...Array.from({ length: 7 }, () => 'reused')])
    const rotated = answers.flatMap((answer) => answer.rotations[number] ?? [])
    const [winner = 'nobody', ...more] = rotated.filter((outcome) => outcome.startsWith('rotated by '))
    expect(more, `refresh token ${number}`).toEqual([])
    const by = winner.replace('rotated by ', '')
    const others = rotated.filter((outcome) => outcome !== winner)
    expect(others, `refresh token ${number}`).toEqual(Array.from({ length: 7 }, () => `sealed by ${by}`))
    const names = callers.flat()
    const successors = await Promise.all(
      names.map((name) => store.refreshTokens.find(issuedOf(number + count, name).refreshToken.hash)),
    )
    expect(names.filter((_, index) => successors[index] !== null)).toEqual([by])
  }
}

const title = (where: string) =>
  `features 14, 16: ${count} codes and ${count} refresh tokens with 8 callers each ${where}: one success each, never two different ones`

test(title('in memory'), { timeout: 60_000 }, async () => {
  const store = createMemoryStore()
  await prepareRace(store, count)
  await expectOneWinnerEach(store, [await race(store, count, callers.flat())])
})

test(title('in two processes on one SQLite file'), { timeout: 60_000 }, async () => {
  const file = files.next()
  const store = createSqliteStore(openSqlite(file))
  await prepareRace(store, count)
  await expectOneWinnerEach(store, await twoProcesses(file, count))
  await store.close()
})

test('two processes that open a new file at once both find the whole schema', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 5; round++) {
    const answers = await twoProcesses(files.next(), 20)
    const outcomes = answers.flatMap((answer) => [...answer.codes, ...answer.rotations]).flat()
    expect(new Set(outcomes)).toEqual(new Set(['unknown']))
  }
})

describe.skipIf(whyNoPostgres !== null)(`PostgreSQL${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())

  test(title('in two processes on one PostgreSQL'), { timeout: 60_000 }, async () => {
    const url = await cluster.schema()
    const store = createPostgresStore(openPostgres(url))
    await prepareRace(store, count)
    await expectOneWinnerEach(store, await twoProcesses(url, count))
    await store.close()
  })
  test('two processes that find an empty schema at once both find the whole of it', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 3; round++) {
      const answers = await twoProcesses(await cluster.schema(), 20)
      const outcomes = answers.flatMap((answer) => [...answer.codes, ...answer.rotations]).flat()
      expect(new Set(outcomes)).toEqual(new Set(['unknown']))
    }
  })
})
