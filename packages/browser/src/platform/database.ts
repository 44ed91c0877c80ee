/** One small database for the origin: keys that cannot be read, and what they encrypt. */
const databaseName = 'latchkey'
const stores = ['keys', 'sessions'] as const
export type StoreName = (typeof stores)[number]

/** Runs one request in a transaction of its own and resolves when that has been written. @spec IndexedDB §5 */
export async function inStore<T>(
  name: StoreName,
  mode: 'readonly' | 'readwrite',
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open()
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(name, mode)
      const request = work(transaction.objectStore(name))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onabort = () => reject(transaction.error)
      transaction.onerror = () => reject(transaction.error)
    })
  } finally {
    database.close()
  }
}

/** What stands under the key; where nothing does, what `make` brings. Of several that make at once the first wins. */
export async function foundOrMade<T>(name: StoreName, key: string, make: () => Promise<T>): Promise<T> {
  const found: T | undefined = await inStore(name, 'readonly', (store) => store.get(key))
  if (found !== undefined) return found
  const made = await make()
  try {
    await inStore(name, 'readwrite', (store) => store.add(made, key))
    return made
  } catch (error) {
    const first: T | undefined = await inStore(name, 'readonly', (store) => store.get(key))
    if (first === undefined) throw error
    return first
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1)
    request.onupgradeneeded = () => {
      for (const store of stores) request.result.createObjectStore(store)
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error('the database is blocked by another tab'))
  })
}
