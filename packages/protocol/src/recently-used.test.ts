import { expect, test } from 'vitest'
import { createRecentlyUsed } from './recently-used.ts'

test('the value not used for longest makes room', () => {
  const values = createRecentlyUsed<number>(3)
  for (const [index, key] of ['a', 'b', 'c'].entries()) values.set(key, index)
  values.get('a')
  values.set('b', 7)
  values.set('d', 3)
  expect(['a', 'b', 'c', 'd'].map((key) => values.get(key))).toEqual([0, 7, undefined, 3])
})

test('what is taken away leaves room, and nothing is left of what was cleared', () => {
  const values = createRecentlyUsed<number>(2)
  for (const [index, key] of ['a', 'b'].entries()) values.set(key, index)
  values.delete('a')
  values.delete('unknown')
  values.set('c', 2)
  expect(['a', 'b', 'c'].map((key) => values.get(key))).toEqual([undefined, 1, 2])
  values.clear()
  values.set('d', 3)
  expect(['b', 'c', 'd'].map((key) => values.get(key))).toEqual([undefined, undefined, 3])
})

test.each([0, 1, 2, 7, 16])('with room for %i it holds exactly those used last, whatever came', (limit) => {
  const values = createRecentlyUsed<number>(limit)
  /** Newest last. */
  let model: [string, number][] = []
  let state = limit + 1
  const random = (below: number) => {
    state = (state * 48271) % 2147483647
    return state % below
  }
  for (let step = 0; step < 5000; step++) {
    const key = `key ${random(30)}`
    const known = model.find(([name]) => name === key)
    const act = random(5)
    if (act === 0) {
      values.delete(key)
      model = model.filter((one) => one !== known)
    } else if (act < 3) {
      expect(values.get(key)).toBe(known?.[1])
      if (known !== undefined) model = [...model.filter((one) => one !== known), known]
    } else {
      values.set(key, step)
      model = [...model.filter((one) => one !== known), [key, step] as [string, number]].slice(
        -limit || model.length + 1,
      )
    }
  }
})
