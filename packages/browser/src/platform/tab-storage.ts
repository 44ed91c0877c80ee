import type { TabStorage } from './platform.ts'

/** `sessionStorage` where it may be used, else memory, which does not outlive a redirect. */
export function openTabStorage(open: () => Storage): TabStorage {
  try {
    const storage = open()
    storage.setItem('latchkey:probe', '')
    storage.removeItem('latchkey:probe')
    return {
      durable: true,
      get: (key) => storage.getItem(key),
      set: (key, value) => storage.setItem(key, value),
      remove: (key) => storage.removeItem(key),
      keys: () => Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? ''),
    }
  } catch {
    return memoryStorage()
  }
}

function memoryStorage(): TabStorage {
  const records = new Map<string, string>()
  return {
    durable: false,
    get: (key) => records.get(key) ?? null,
    set: (key, value) => records.set(key, value),
    remove: (key) => records.delete(key),
    keys: () => [...records.keys()],
  }
}
