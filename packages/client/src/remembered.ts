/** Asks once for all who want it; a failure is not remembered. */
export function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null
  return () => {
    found ??= ask().catch((error: unknown) => {
      found = null
      throw error
    })
    return found
  }
}
