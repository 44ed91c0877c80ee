import { expect, test } from 'vitest'
import { andThen } from './soon.ts'

test('what is here is taken at once, and what comes when it comes', async () => {
  expect(andThen(1, (value) => value + 1)).toBe(2)
  const later = andThen(Promise.resolve(1), (value) => value + 1)
  expect(later).toBeInstanceOf(Promise)
  expect(await later).toBe(2)
})

test('a failure of what comes is not passed on as a value', async () => {
  await expect(andThen(Promise.reject(new Error('gone')), () => 'next')).rejects.toThrow('gone')
})
