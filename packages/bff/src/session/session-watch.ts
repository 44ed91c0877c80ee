import type { Runtime } from '@latchkey/protocol'
import type { BffSessionRecord, SessionStore } from '../session-store/session-store.ts'

/** What a watcher of a session hears: its row after a change, or null once it has ended, and then nothing more. */
export type SessionListener = (row: BffSessionRecord | null) => void

/** Hears of changed and ended sessions, from whichever process they come, and of those that run out. */
export interface SessionWatch {
  /** Watches one session until stopped or until it ends. */
  on(hash: string, listener: SessionListener): () => void
  close(): void
}

/** A session's row is read again this often, in case a store cannot call out to us. */
const longestPauseSeconds = 300

export function createSessionWatch({ store, runtime }: { store: SessionStore; runtime: Runtime }): SessionWatch {
  const watchers = new Map<string, Set<() => void>>()
  let unsubscribe: (() => void) | null = null

  function add(hash: string, look: () => void): () => void {
    unsubscribe ??= store.subscribe((changed) => {
      for (const each of watchers.get(changed) ?? []) each()
    })
    const mine = watchers.get(hash) ?? new Set()
    watchers.set(hash, mine.add(look))
    return () => {
      mine.delete(look)
      if (mine.size === 0 && watchers.get(hash) === mine) watchers.delete(hash)
    }
  }
  return {
    on(hash, listener) {
      let cancel = () => {}
      let stopped = false
      const stop = () => {
        stopped = true
        cancel()
        remove()
      }
      const look = () => {
        cancel()
        store.load(hash, runtime.now()).then(heard, () => {
          if (!stopped) cancel = runtime.schedule(1, look)
        })
      }
      const heard = (row: BffSessionRecord | null) => {
        if (stopped) return
        cancel()
        if (row === null) stop()
        else {
          const end = Math.min(row.idleExpiresAt, row.absoluteExpiresAt)
          cancel = runtime.schedule(Math.min(longestPauseSeconds, Math.max(0, end - runtime.now())), look)
        }
        listener(row)
      }
      const remove = add(hash, look)
      look()
      return stop
    },
    close() {
      unsubscribe?.()
      unsubscribe = null
      watchers.clear()
    },
  }
}
