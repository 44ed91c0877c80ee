import { expect, test } from 'vitest'
import { openTabStorage } from './tab-storage.ts'

test('where sessionStorage is blocked the app still runs, and knows that nothing outlives a redirect', () => {
  const storage = openTabStorage(() => {
    throw new DOMException('blocked', 'SecurityError')
  })
  storage.set('a', '1')
  expect([storage.durable, storage.get('a'), storage.keys()]).toEqual([false, '1', ['a']])
  storage.remove('a')
  expect(storage.get('a')).toBeNull()
})

test('where it may be used its records are those of the tab', () => {
  const records = new Map<string, string>()
  const session: Storage = {
    get length() {
      return records.size
    },
    clear: () => records.clear(),
    getItem: (key) => records.get(key) ?? null,
    key: (index) => [...records.keys()][index] ?? null,
    removeItem: (key) => records.delete(key),
    setItem: (key, value) => records.set(key, value),
  }
  const storage = openTabStorage(() => session)
  storage.set('a', '1')
  expect([storage.durable, [...records], storage.keys()]).toEqual([true, [['a', '1']], ['a']])
})
