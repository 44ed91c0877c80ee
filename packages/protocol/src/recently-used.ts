/** Holds a bounded number of values by their keys; the one not used for longest makes room. */
export interface RecentlyUsed<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  clear(): void
}

interface Entry<Value> {
  readonly key: string
  value: Value
  /** The one used after this one, and the one used before. */
  newer: Entry<Value> | null
  older: Entry<Value> | null
}

/**
 * At most `limit` values. The order is a list beside the Map, not the Map's own: a Map whose keys are deleted and added again at
 * each look-up, or asked for its first key, walks over all that was deleted.
 */
export function createRecentlyUsed<Value>(limit: number): RecentlyUsed<Value> {
  const entries = new Map<string, Entry<Value>>()
  let newest: Entry<Value> | null = null
  let oldest: Entry<Value> | null = null

  function unlink({ newer, older }: Entry<Value>): void {
    if (newer === null) newest = older
    else newer.older = older
    if (older === null) oldest = newer
    else older.newer = newer
  }

  function link(entry: Entry<Value>): void {
    entry.newer = null
    entry.older = newest
    if (newest === null) oldest = entry
    else newest.newer = entry
    newest = entry
  }

  function use(key: string): Entry<Value> | undefined {
    const entry = entries.get(key)
    if (entry === undefined || entry === newest) return entry
    unlink(entry)
    link(entry)
    return entry
  }

  return {
    get: (key) => use(key)?.value,
    set(key, value) {
      const held = use(key)
      if (held !== undefined) held.value = value
      if (held !== undefined || limit === 0) return
      if (entries.size >= limit && oldest !== null) {
        entries.delete(oldest.key)
        unlink(oldest)
      }
      const entry = { key, value, newer: null, older: null }
      entries.set(key, entry)
      link(entry)
    },
    delete(key) {
      const entry = entries.get(key)
      if (entry === undefined) return
      entries.delete(key)
      unlink(entry)
    },
    clear() {
      entries.clear()
      newest = null
      oldest = null
    },
  }
}
