import { afterAll, expect, test } from 'vitest'
import { createSqliteStore, openSqlite } from './index.ts'
import { startChild } from './trials/child.ts'
import { codeOf, issuedOf, now } from './trials/records.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

const count = 200
interface Outcomes {
  readonly codes: readonly string[]
  readonly rotations: readonly string[]
}

/** Starts two processes on one file and lets them go at the same moment. */
async function race(file: string): Promise<readonly [Outcomes, Outcomes]> {
  const racers = ['a', 'b'].map((name) => startChild('racer.ts', [file, name, String(count)]))
  for (const { lines } of racers) expect((await lines.next()).value).toBe('ready')
  for (const { process } of racers) process.stdin?.end('go\n')
  const answers = await Promise.all(racers.map(async ({ lines }) => JSON.parse((await lines.next()).value) as Outcomes))
  await Promise.all(racers.map((racer) => racer.ended))
  return answers as unknown as readonly [Outcomes, Outcomes]
}

test('features 14: two processes on one file redeem 200 codes and rotate 200 refresh tokens: each has exactly one winner', {
  timeout: 60_000,
}, async () => {
  const file = files.next()
  const store = createSqliteStore(openSqlite(file))
  for (let number = 0; number < count; number++) {
    const signedIn = number + count
    await Promise.all([store.codes.create(codeOf(number)), store.codes.create(codeOf(signedIn))])
    await store.codes.redeem(codeOf(signedIn).hash, issuedOf(signedIn, 'first'), now)
  }
  const [a, b] = await race(file)
  for (let number = 0; number < count; number++) {
    expect([a.codes[number], b.codes[number]].sort(), `code ${number}`).toEqual(['redeemed', 'reused'])
    const winner = a.rotations[number] === 'rotated' ? 'a' : 'b'
    const rotations = [a.rotations[number], b.rotations[number]].sort()
    expect(rotations, `refresh token ${number}`).toEqual(['rotated', `sealed by ${winner}`])
    const successors = await Promise.all(
      ['a', 'b'].map((by) => store.refreshTokens.find(issuedOf(number + count, by).refreshToken.hash)),
    )
    expect(successors.map((token) => token !== null)).toEqual([winner === 'a', winner === 'b'])
  }
  await store.close()
})

test('two processes that open a new file at once both find the whole schema', { timeout: 60_000 }, async () => {
  for (let round = 0; round < 5; round++) {
    const [a, b] = await race(files.next())
    expect(new Set([...a.codes, ...b.codes, ...a.rotations, ...b.rotations])).toEqual(new Set(['unknown']))
  }
})
