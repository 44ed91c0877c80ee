import { afterEach, describe, expect, test } from 'vitest'
import type { ReplayStore } from './replay-store.ts'

/** A store that a suite opened and closes. */
export type ClosableReplayStore = ReplayStore & { close?(): Promise<void> }

const now = 1_800_000_000

/** Everything a `ReplayStore` promises, as Vitest tests; `openTwo` opens two on the same empty data, as two processes have them. */
export function runReplayStoreContract(
  name: string,
  openTwo: () => Promise<readonly [ClosableReplayStore, ClosableReplayStore]>,
): void {
  describe(name, () => {
    let opened: readonly ClosableReplayStore[] = []
    afterEach(async () => {
      for (const store of opened) await store.close?.()
      opened = []
    })
    async function open() {
      const stores = await openTwo()
      opened = stores
      return stores
    }

    test('RFC 9449 §11.1: a proof is new once, here and elsewhere, and says nothing of others', async () => {
      const [here, there] = await open()
      expect(await here.remember('one', now + 60, now)).toBe(true)
      expect(await here.remember('one', now + 60, now)).toBe(false)
      expect(await there.remember('one', now + 60, now + 1)).toBe(false)
      expect(await there.remember('two', now + 60, now)).toBe(true)
    })

    test('features 41: of 1,000 who come with one proof at once, at two nodes, exactly one passes', async () => {
      const [here, there] = await open()
      const answers = await Promise.all(
        Array.from({ length: 1000 }, async (_, index) => (index % 2 ? here : there).remember('raced', now + 60, now)),
      )
      expect(answers.filter(Boolean)).toHaveLength(1)
    })

    test('a proof is remembered to its last second, and no longer', async () => {
      const [here, there] = await open()
      await here.remember('one', now + 60, now)
      expect(await there.remember('one', now + 120, now + 59)).toBe(false)
      expect(await there.remember('one', now + 120, now + 60)).toBe(true)
      expect(await here.remember('one', now + 120, now + 119)).toBe(false)
    })

    test('many proofs are told apart, whatever they are called', async () => {
      const [here, there] = await open()
      const keys = Array.from({ length: 200 }, (_, index) => `dpop:${index} {é'"\n${'x'.repeat(index)}`)
      expect(new Set(await Promise.all(keys.map(async (key) => here.remember(key, now + 60, now))))).toEqual(
        new Set([true]),
      )
      expect(new Set(await Promise.all(keys.map(async (key) => there.remember(key, now + 60, now))))).toEqual(
        new Set([false]),
      )
    })

    test('what has expired goes away by itself and takes nothing else along', async () => {
      const [here, there] = await open()
      for (let index = 0; index < 20; index++) await here.remember(`old ${index}`, now + 1, now)
      await here.remember('living', now + 4000, now)
      for (let index = 0; index < 5; index++) await there.remember(`new ${index}`, now + 4000, now + 3600 + index)
      expect(await here.remember('living', now + 4000, now + 3700)).toBe(false)
      expect(await here.remember('old 1', now + 4000, now + 3700)).toBe(true)
    })
  })
}
