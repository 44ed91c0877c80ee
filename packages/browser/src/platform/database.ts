/** One small database for the origin: keys that cannot be read, and what they encrypt. */
export type StoreName = 'keys' | 'sessions'

/** Runs one request in a transaction of its own and resolves when that has been written. @spec IndexedDB §5 */
export async function inStore<T>(
  name: StoreName,
  mode: 'readonly' | 'readwrite',
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('latchkey', 1)
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore('keys')
      opening.result.createObjectStore('sessions')
    }
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode)
    // Closes when the transaction has ended.
    database.close()
    const request = work(transaction.objectStore(name))
    transaction.oncomplete = () => resolve(request.result)
    transaction.onabort = () => reject(transaction.error)
  })
}

/** What stands under the key; where nothing does, what `make` brings. Of several that make at once the first wins. */
export async function foundOrMade<T>(name: StoreName, key: string, make: () => Promise<T>): Promise<T> {
  const find = () => inStore<T | undefined>(name, 'readonly', (store) => store.get(key))
  const found = await find()
  if (found !== undefined) return found
  const made = await make()
  return inStore(name, 'readwrite', (store) => store.add(made, key)).then(
    () => made,
    async (error) => (await find()) ?? Promise.reject(error),
  )
}
