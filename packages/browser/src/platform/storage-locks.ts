import { encodeBase64url, type Runtime } from '@latchkey/protocol'
import type { Locks } from './platform.ts'

/** A claim that is not renewed for this long, in seconds, belongs to a tab that died: longer than any single request. */
const leaseSeconds = 40
/** After writing a claim, this long passes before it counts, so that of two that wrote at once both see the last. */
const settleSeconds = 0.15

interface Claim {
  readonly owner: string
  readonly until: number
}

export interface LockMeans {
  readonly runtime: Runtime
  /** `localStorage`, where it may be used. */
  readonly storage: () => Storage | undefined
  /** Runs when the page goes away. */
  readonly onLeave?: (task: () => void) => void
}

/** Callers of this page queue; among tabs the storage decides, and where there is none a provider's rotation grace forgives. */
export function plainLocks(means?: LockMeans): Locks {
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

/**
 * Mutual exclusion over tabs by `localStorage`, for browsers without Web Locks (Firefox before 96). A claim is renewed while the
 * work lasts, so that a wait outlasts the work; a tab that leaves lets go, one that dies blocks the others for its lease.
 */
export function storageLocks(
  storage: Storage,
  runtime: Runtime,
  onLeave: (task: () => void) => void = () => undefined,
): Pick<Locks, 'exclusive'> {
  const owner = encodeBase64url(runtime.randomBytes(9))
  const held = new Set<string>()
  const pause = (seconds: number) => new Promise<void>((resolve) => runtime.schedule(seconds, resolve))
  const keyOf = (name: string) => `latchkey:lock:${name}`
  const read = (key: string): Claim | null => {
    try {
      return JSON.parse(storage.getItem(key) ?? 'null')
    } catch {
      return null
    }
  }
  const write = (key: string) => storage.setItem(key, JSON.stringify({ owner, until: runtime.now() + leaseSeconds }))
  const isFree = (claim: Claim | null) => claim === null || claim.owner === owner || !(claim.until > runtime.now())

  async function acquire(key: string): Promise<void> {
    for (;;) {
      if (isFree(read(key))) {
        write(key)
        await pause(settleSeconds + (runtime.randomBytes(1)[0] ?? 0) / 5000)
        if (read(key)?.owner === owner) return
      }
      await pause(0.1 + (runtime.randomBytes(1)[0] ?? 0) / 1000)
    }
  }

  function release(key: string): void {
    held.delete(key)
    if (read(key)?.owner === owner) storage.removeItem(key)
  }
  onLeave(() => {
    for (const key of [...held]) release(key)
  })

  return {
    async exclusive(name, work) {
      const key = keyOf(name)
      held.add(key)
      await acquire(key)
      let stop = () => {}
      const keep = () => {
        if (read(key)?.owner === owner) write(key)
        stop = runtime.schedule(leaseSeconds / 3, keep)
      }
      keep()
      try {
        return await work()
      } finally {
        stop()
        release(key)
      }
    },
  }
}
