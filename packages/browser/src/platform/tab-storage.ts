import type { TabStorage } from './platform.ts'

/** `sessionStorage`; where it may not be used nothing is kept, and nothing outlives a redirect. */
export function openTabStorage(open: () => Storage | undefined): TabStorage {
  let storage: Storage | undefined
  try {
    open()?.setItem('latchkey:probe', '')
    storage = open()
    storage?.removeItem('latchkey:probe')
  } catch {}
  return {
    durable: storage !== undefined,
    get: (key) => storage?.getItem(key) ?? null,
    set: (key, value) => storage?.setItem(key, value),
    remove: (key) => storage?.removeItem(key),
    // Its items are its own enumerable members. @spec HTML §12.2.1
    keys: () => Object.keys(storage ?? {}),
  }
}
