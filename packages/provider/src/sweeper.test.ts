import type { Store } from '@latchkey/provider'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import { testProvider, testRuntime } from '@latchkey/testing'
import { expect, test } from 'vitest'

/** A store that notes who sweeps it, and with how many rows going at most. */
function watched(store: Store, name: string, swept: string[]): Store {
  return {
    ...store,
    async sweep(now, limit) {
      const gone = await store.sweep(now, limit)
      swept.push(`${name} ${gone}`)
      return gone
    },
  }
}

async function twoNodes() {
  const [runtime, store, swept] = [testRuntime(), createMemoryStore(), [] as string[]]
  const node = (name: string) => testProvider({ store: watched(store, name, swept), runtime })
  const [a, b] = [await node('a'), await node('b')]
  /** Moves the clock, then lets everything run that fell due. */
  const pass = async (seconds: number) => {
    runtime.clock.advance(seconds)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  }
  const fill = async (rows: number) => {
    const now = runtime.now()
    for (let row = 0; row < rows; row++) await store.replays.remember(`${swept.length} ${row}`, now + 1, now)
  }
  return { a, b, runtime, store, swept, pass, fill }
}

test('features 12: of two nodes one sweeps, round after round', async () => {
  const { a, b, swept, pass, fill } = await twoNodes()
  await pass(60)
  const [holder = ''] = swept[0]?.split(' ') ?? []
  expect(['a', 'b']).toContain(holder)
  for (let round = 0; round < 5; round++) {
    await fill(3)
    await pass(60)
  }
  expect(swept.slice(1)).toEqual(Array.from({ length: 5 }, () => `${holder} 3`))
  await Promise.all([a.close(), b.close()])
})

test('the other node goes on at once where the first was closed, and after three minutes where it was killed', async () => {
  const { a, b, runtime, store, swept, pass } = await twoNodes()
  await pass(60)
  const [first, second] = swept[0]?.startsWith('a') ? [a, b] : [b, a]
  await first.close()
  await pass(60)
  expect(swept).toHaveLength(2)
  await second.close()
  // Whoever was killed leaves a lease behind.
  await store.leases.acquire('sweep', 'killed', { now: Math.floor(runtime.now()), seconds: 180 })
  const third = await testProvider({ store: watched(store, 'c', swept), runtime })
  await pass(60)
  await pass(60)
  expect(swept).toHaveLength(2)
  await pass(60)
  expect(swept[2]).toBe('c 0')
  await third.close()
})

test('many rows go in small batches, and between two of them everything else has its turn', async () => {
  const { a, b, swept, pass, fill } = await twoNodes()
  await fill(1200)
  await pass(60)
  expect(swept.map((line) => line.split(' ')[1])).toEqual(['500'])
  await pass(0.01)
  await pass(0.01)
  expect(swept.map((line) => line.split(' ')[1])).toEqual(['500', '500', '200'])
  await Promise.all([a.close(), b.close()])
})

test('closing a node does not wait for the rest of its sweep', async () => {
  const { a, b, swept, pass, fill } = await twoNodes()
  await fill(1200)
  await pass(60)
  await Promise.all([a.close(), b.close()])
  expect(swept).toHaveLength(1)
})
