import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startChild } from './trials/child.ts'
import { openStore } from './trials/open-store.ts'
import { type Cluster, startCluster, whyNoPostgres } from './trials/postgres-cluster.ts'
import { codeOf, issuedOf, now } from './trials/records.ts'
import { seeded } from './trials/seeded.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

const rounds = 15
const numbersPerRound = 100_000

/** Lets a writer run until it has acknowledged `count` times, kills it, and reads to the end what it had said. */
async function runAndKill(place: string, first: number, count: number): Promise<readonly string[]> {
  const child = startChild('writer.ts', [place, String(first)])
  const said: string[] = []
  for await (const line of child.lines) {
    said.push(line)
    if (said.length === count) child.process.kill('SIGKILL')
  }
  await child.ended
  expect(child.process.signalCode).toBe('SIGKILL')
  return said
}

async function expectKept(place: string, said: readonly string[]): Promise<void> {
  const store = openStore(place)
  for (const line of said) {
    const [what, digits] = line.split(' ')
    const number = Number(digits)
    const code = await store.codes.find(codeOf(number).hash)
    expect(code, line).not.toBeNull()
    const brought = await Promise.all(
      ['a', 'b'].map((by) => store.refreshTokens.find(issuedOf(number, by).refreshToken.hash)),
    )
    expect(brought.filter((token) => token !== null).length, `${line}: redeemed at most once`).toBeLessThan(2)
    if (what === 'redeemed') {
      expect(code?.consumedAt, line).toBe(now)
      expect(
        brought.filter((token) => token !== null),
        line,
      ).toHaveLength(1)
    } else if (what === 'reused') {
      expect((await store.families.find(codeOf(number).grounds.familyId))?.revokedAt, line).toBe(now)
    } else if (what === 'rotated') {
      expect(brought[0]?.rotatedAt, line).toBe(now)
      const successor = issuedOf(number, 'rotated')
      expect(await store.refreshTokens.find(successor.refreshToken.hash), line).not.toBeNull()
      expect(await store.accessTokens.find(successor.accessToken.hash, now), line).not.toBeNull()
    } else {
      expect(what, line).toBe('created')
    }
  }
  await store.close()
}

test(`a provider killed ${rounds} times in the midst of its work has kept everything it acknowledged, and redeemed nothing twice`, {
  timeout: 120_000,
}, async () => {
  const file = files.next()
  const random = seeded(20_260)
  const everything: string[] = []
  for (let round = 0; round < rounds; round++) {
    const said = await runAndKill(file, round * numbersPerRound, 1 + Math.floor(random() * 300))
    everything.push(...said)
    await expectKept(file, said)
  }
  await expectKept(file, everything)
  const kinds = new Set(everything.map((line) => line.split(' ')[0]))
  expect(kinds).toEqual(new Set(['created', 'redeemed', 'reused', 'rotated']))
})

describe.skipIf(whyNoPostgres !== null)(`PostgreSQL${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())

  test('three nodes killed five times in the midst of their work have lost nothing they acknowledged, and redeemed nothing twice', {
    timeout: 120_000,
  }, async () => {
    const url = await cluster.schema()
    const random = seeded(20_261)
    const everything: string[] = []
    for (let round = 0; round < 5; round++) {
      const firsts = [0, 1, 2].map((node) => (round * 3 + node) * numbersPerRound)
      const said = await Promise.all(firsts.map((first) => runAndKill(url, first, 1 + Math.floor(random() * 300))))
      everything.push(...said.flat())
    }
    await expectKept(url, everything)
    expect(new Set(everything.map((line) => line.split(' ')[0])).size).toBe(4)
  })
})
