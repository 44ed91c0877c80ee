import { expect, test } from 'vitest'
import { statementNames } from './statement-names.ts'

test('a name means one statement, whichever process prepared it and in whatever order', () => {
  const [here, there] = [statementNames(), statementNames()]
  const first = here('select 1')
  const second = here('select 2')
  expect([there('select 2'), there('select 1')]).toEqual([second, first])
  expect(first).not.toBe(second)
  // PostgreSQL cuts longer names off, which would make two of one.
  expect(first.length).toBeLessThan(64)
})
