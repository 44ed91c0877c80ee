import { expect, test } from 'vitest'
import { openTabStorage } from './tab-storage.ts'

test('where sessionStorage is blocked the app still runs, and knows that nothing outlives a redirect', () => {
  const storage = openTabStorage(() => {
    throw new DOMException('blocked', 'SecurityError')
  })
  storage.set('a', '1')
  expect([storage.durable, storage.get('a'), storage.keys()]).toEqual([false, null, []])
  storage.remove('a')
  expect(storage.get('a')).toBeNull()
})

test('where it may be used its records are those of the tab', () => {
  const session: Storage = Object.create({
    getItem: (key: string) => session[key] ?? null,
    removeItem: (key: string) => delete session[key],
    setItem(key: string, value: string) {
      session[key] = value
    },
  })
  const storage = openTabStorage(() => session)
  storage.set('a', '1')
  expect([storage.durable, { ...session }, storage.keys(), storage.get('a')]).toEqual([true, { a: '1' }, ['a'], '1'])
  storage.remove('a')
  expect(storage.keys()).toEqual([])
})
