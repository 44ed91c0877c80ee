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

/** How soon and how often sessions are read after a time in which changes may have been missed. */
const longestSpreadSeconds = 5
const looksPerSecond = 200

export function createSessionWatch({ store, runtime }: { store: SessionStore; runtime: Runtime }): SessionWatch {
  const watchers = new Map<string, Set<(afterSeconds: number) => void>>()
  let unsubscribe: (() => void) | null = null

  function hear(changed: string | null): void {
    if (changed === null) lookAtAll()
    else for (const look of watchers.get(changed) ?? []) look(0)
  }
  /** Not all in the same instant: the store has just come back. */
  function lookAtAll(): void {
    const spread = Math.min(longestSpreadSeconds, watchers.size / looksPerSecond)
    for (const looks of watchers.values()) {
      const [random = 0] = runtime.randomBytes(1)
      for (const look of looks) look((spread * random) / 256)
    }
  }
  function add(hash: string, look: (afterSeconds: number) => void): () => void {
    unsubscribe ??= store.subscribe(hear)
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
      const remove = add(hash, (afterSeconds) => {
        cancel()
        if (afterSeconds === 0) look()
        else cancel = runtime.schedule(afterSeconds, look)
      })
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
