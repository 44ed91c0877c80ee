import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { expect, test } from 'vitest'
import { startSweeping } from './sweeping.ts'

/** A clock whose timers fire when told. */
function clock() {
  const timers: { seconds: number; task: () => void; cancelled: boolean }[] = []
  return {
    runtime: {
      ...systemRuntime,
      now: () => 1000,
      schedule(seconds: number, task: () => void) {
        const timer = { seconds, task, cancelled: false }
        timers.push(timer)
        return () => {
          timer.cancelled = true
        }
      },
    },
    timers,
    async fire() {
      timers.at(-1)?.task()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

test('features 12: expired rows go once a minute, and at once again while there are more', async () => {
  const { runtime, timers, fire } = clock()
  const left = [500, 500, 12]
  const store = { sweep: async (now: number) => (now === 1000 ? (left.shift() ?? 0) : 0) }
  startSweeping({ store, runtime, onFailure: () => {} })
  for (let turn = 0; turn < 3; turn++) await fire()
  expect(timers.map((timer) => timer.seconds)).toEqual([60, 0, 0, 60])
})

test('a sweep that fails is told of and tried again', async () => {
  const { runtime, timers, fire } = clock()
  const failures: string[] = []
  const store = { sweep: () => Promise.reject(new Error('disk full')) }
  startSweeping({ store, runtime, onFailure: (what, error) => failures.push(`${what}: ${error}`) })
  await fire()
  expect(failures).toEqual(['Expired rows could not be deleted: Error: disk full'])
  expect(timers).toHaveLength(2)
})

test('a stopped sweep has no timer left', async () => {
  const { runtime, timers } = clock()
  startSweeping({ store: { sweep: async () => 0 }, runtime, onFailure: () => {} })()
  expect(timers.every((timer) => timer.cancelled)).toBe(true)
})
