import type { Runtime } from '@latchkey/protocol'
import type { Locks } from './platform.ts'
import { storageLocks } from './storage-locks.ts'

export interface LockMeans {
  readonly runtime: Runtime
  /** `localStorage`, where it may be used. */
  readonly storage: () => Storage | undefined
  /** Runs when the page goes away. */
  readonly onLeave?: (task: () => void) => void
}

/** Mutual exclusion by Web Locks, else by `localStorage`, else only within this page. @spec Web Locks API §3 */
export function openLocks(manager: LockManager | undefined, means?: LockMeans): Locks {
  return manager === undefined ? plainLocks(means) : webLocks(manager)
}

function webLocks(manager: LockManager): Locks {
  return {
    // The callback's promise is what the lock is held for; the types lose that it is awaited.
    exclusive: async (name, work) => manager.request(name, () => work()),
    hold(name) {
      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      manager.request(name, () => released).catch(() => undefined)
      return release
    },
    async held() {
      const { held } = await manager.query()
      return (held ?? []).map((lock) => lock.name ?? '')
    },
  }
}

/** Callers of this page queue; among tabs the storage decides, and where there is none a provider's rotation grace forgives. */
function plainLocks(means: LockMeans | undefined): Locks {
  const tails = new Map<string, Promise<unknown>>()
  const storage = openStorage(means)
  const acrossTabs =
    means === undefined || storage === undefined ? undefined : storageLocks(storage, means.runtime, means.onLeave)
  return {
    exclusive(name, work) {
      const alone = acrossTabs === undefined ? work : () => acrossTabs.exclusive(name, work)
      const turn = (tails.get(name) ?? Promise.resolve()).then(alone)
      tails.set(
        name,
        turn.catch(() => undefined),
      )
      return turn
    },
    hold: () => () => undefined,
    held: async () => null,
  }
}

function openStorage(means: LockMeans | undefined): Storage | undefined {
  try {
    return means?.storage()
  } catch {
    return undefined
  }
}
