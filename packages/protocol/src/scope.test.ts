import fc from 'fast-check'
import { expect, test } from 'vitest'
import { narrowScope, parseScope } from './scope.ts'

test('RFC 6749 §3.3: scope values come apart at spaces, each once, in order', () => {
  expect(parseScope('openid  profile openid')).toEqual(['openid', 'profile'])
  expect(parseScope(undefined)).toEqual([])
})

test('RFC 6749 §3.3: a character outside the grammar is refused', () => {
  for (const text of ['a"b', 'a\\b', 'a\tb', 'ü']) expect(() => parseScope(text)).toThrow('invalid_scope')
})

test('RFC 6749 §6: narrowing never widens', () => {
  const value = fc.constantFrom<string>('a', 'b', 'c', 'd')
  fc.assert(
    fc.property(fc.uniqueArray(value), fc.uniqueArray(value), (granted, requested) => {
      const wanted = requested.every((one) => granted.includes(one))
      if (!wanted) expect(() => narrowScope(granted, requested)).toThrow('invalid_scope')
      else expect(narrowScope(granted, requested).every((one) => granted.includes(one))).toBe(true)
    }),
  )
})
