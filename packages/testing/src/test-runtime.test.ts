import { expect, test } from 'vitest'
import { testRuntime } from './test-runtime.ts'

test('the clock stands still until it is advanced', () => {
  const runtime = testRuntime({ now: 1000 })
  expect(runtime.now()).toBe(1000)
  runtime.clock.advance(2.5)
  expect(runtime.now()).toBe(1002.5)
})

test('tasks run when the clock passes them, in order, each at its own time', () => {
  const { clock, schedule } = testRuntime({ now: 0 })
  const ran: [string, number][] = []
  schedule(20, () => ran.push(['late', clock.now()]))
  schedule(10, () => {
    ran.push(['early', clock.now()])
    schedule(5, () => ran.push(['between', clock.now()]))
  })
  clock.advance(9)
  expect(ran).toEqual([])
  clock.advance(20)
  expect(ran).toEqual([
    ['early', 10],
    ['between', 15],
    ['late', 20],
  ])
  expect(clock.now()).toBe(29)
})

test('a cancelled task never runs', () => {
  const { clock, schedule } = testRuntime()
  let ran = false
  const cancel = schedule(1, () => {
    ran = true
  })
  cancel()
  clock.advance(10)
  expect(ran).toBe(false)
})
