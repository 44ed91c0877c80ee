import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Fate, liveThrough } from './test-renewal-world.ts'

const nodes = 3
const node = fc.nat(nodes - 1)
const step = fc.integer({ min: 1, max: 24 })
/** Ten times the lease at most, in all. */
const half = fc.integer({ min: 0, max: 50 }).map((tenths) => tenths / 10)
const times = {
  starts: fc.array(
    fc.integer({ min: 0, max: 20 }).map((tenths) => tenths / 10),
    { minLength: nodes, maxLength: nodes },
  ),
  stalls: fc.array(fc.record({ node, step, seconds: fc.integer({ min: 1, max: 8 }) }), { maxLength: 3 }),
  latencies: fc.array(fc.tuple(half, half), { minLength: 1, maxLength: 4 }),
}
const alive = (outcome: { got: readonly string[] }) => outcome.got.filter((one) => one !== 'crashed')
const check = (fates: fc.Arbitrary<Fate>, judge: (fate: Fate) => Promise<void>) =>
  fc.assert(fc.asyncProperty(fates, judge), { numRuns: 400 })

test('features 45: stalls past the lease and answers ten leases late, no grace: one request, and everyone has its token', async () => {
  const fates = fc.record({
    ...times,
    crash: fc.constant(null),
    graceSeconds: fc.constant(0),
    deathIsSeen: fc.boolean(),
  })
  await check(fates, async (fate) => {
    const outcome = await liveThrough(fate)
    expect(outcome).toMatchObject({ asked: 1, refusals: 0, isFamilyAlive: true, isSessionAlive: true })
    expect(outcome.got).toEqual(Array(nodes).fill('access after r1'))
  })
}, 60_000)

test('features 47: with a grace a crash at any step costs nobody the session, whether or not it is seen', async () => {
  const fates = fc.record({
    ...times,
    crash: fc.record({ node, step }),
    graceSeconds: fc.constant(30),
    deathIsSeen: fc.boolean(),
  })
  let repeated = 0
  await check(fates, async (fate) => {
    const outcome = await liveThrough(fate)
    expect(outcome).toMatchObject({ refusals: 0, isFamilyAlive: true, isSessionAlive: true })
    expect(alive(outcome)).toEqual(alive(outcome).map(() => 'access after r1'))
    if (outcome.asked > 1) repeated++
  })
  // Where nobody ever had to ask again, nothing was shown.
  expect(repeated).toBeGreaterThan(0)
}, 60_000)

test('features 47: without a grace a crash costs the session only when it took the answer along', async () => {
  const fates = fc.record({
    ...times,
    crash: fc.record({ node, step }),
    graceSeconds: fc.constant(0),
    deathIsSeen: fc.boolean(),
  })
  const counts = { kept: 0, lost: 0 }
  await check(fates, async (fate) => {
    const outcome = await liveThrough(fate)
    if (outcome.isFamilyAlive) {
      counts.kept++
      expect(outcome).toMatchObject({ refusals: 0, isSessionAlive: true })
      expect(alive(outcome)).toEqual(alive(outcome).map(() => 'access after r1'))
    } else {
      counts.lost++
      expect(outcome.wasLostWithAProcess).toBe(true)
    }
  })
  expect(counts.kept).toBeGreaterThan(counts.lost)
}, 60_000)
