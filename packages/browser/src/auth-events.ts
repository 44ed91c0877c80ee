import type { AuthEvent } from './auth-event.ts'

/** Who hears what happens. A listener that throws disturbs nobody. */
export interface AuthEvents {
  emit(event: AuthEvent): void
  subscribe(listener: (event: AuthEvent) => void): () => void
}

export function createAuthEvents(): AuthEvents {
  const listeners = new Set<(event: AuthEvent) => void>()
  return {
    emit(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event)
        } catch (error) {
          // The application's own mistake: told where such mistakes are told, without stopping a renewal.
          queueMicrotask(() => {
            throw error
          })
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
