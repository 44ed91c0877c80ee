import { expect, test } from 'vitest'
import { openTabStorage } from './tab-storage.ts'

test('where sessionStorage is blocked, or full, there is none', () => {
  const refuse = () => {
    throw new DOMException('blocked', 'SecurityError')
  }
  expect(openTabStorage(refuse)).toBeNull()
  expect(openTabStorage(() => Object.create({ setItem: refuse }))).toBeNull()
})

test('where it may be used it is left as it was found', () => {
  const session: Storage = Object.create({
    getItem: (key: string) => session[key] ?? null,
    removeItem: (key: string) => delete session[key],
    setItem(key: string, value: string) {
      session[key] = value
    },
  })
  expect(openTabStorage(() => session)).toBe(session)
  expect(Object.keys(session)).toEqual([])
})
