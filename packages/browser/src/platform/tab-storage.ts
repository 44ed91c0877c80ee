import type { TabStorage } from './platform.ts'

/** `sessionStorage`; null where it may not be used. */
export function openTabStorage(open: () => Storage): TabStorage | null {
  try {
    const storage = open()
    storage.setItem('latchkey:probe', '')
    storage.removeItem('latchkey:probe')
    return storage
  } catch {
    return null
  }
}
