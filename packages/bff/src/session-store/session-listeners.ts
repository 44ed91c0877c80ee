/** Who wants to hear of changed or ended sessions in this process. A listener's throw is its own, never the store's. */
export interface SessionListeners {
  readonly size: number
  add(listener: (hash: string | null) => void): () => void
  tell(hash: string | null): void
}

export function createSessionListeners(): SessionListeners {
  const listeners = new Set<{ readonly call: (hash: string | null) => void }>()
  return {
    get size() {
      return listeners.size
    },
    add(listener) {
      const entry = { call: listener }
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    tell(hash) {
      for (const entry of listeners) queueMicrotask(() => entry.call(hash))
    },
  }
}
