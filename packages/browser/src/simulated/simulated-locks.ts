import type { Locks } from '../platform/platform.ts'
import type { SimulatedTime, TaskOwner } from './simulated-time.ts'

interface Request {
  readonly owner: TaskOwner
  readonly grant: () => void
}

interface Lock {
  holder: Request | null
  queue: Request[]
}

/** Mutual exclusion between simulated pages; granting takes its time and knows nothing of messages. */
export interface SimulatedLocks {
  forPage(owner: TaskOwner): Locks
  /** A page is gone: what it held goes to the next. */
  release(owner: TaskOwner): void
}

export function createSimulatedLocks(time: SimulatedTime): SimulatedLocks {
  const locks = new Map<string, Lock>()

  function next(lock: Lock): void {
    if (lock.holder !== null) return
    const request = lock.queue.shift()
    if (request === undefined) return
    lock.holder = request
    time.after(time.random() * 0.004, request.owner, request.grant)
  }

  function acquire(name: string, owner: TaskOwner): Promise<() => void> {
    const lock = locks.get(name) ?? { holder: null, queue: [] }
    locks.set(name, lock)
    return new Promise((resolve) => {
      const request: Request = { owner, grant: () => resolve(release) }
      function release(): void {
        if (lock.holder === request) lock.holder = null
        lock.queue = lock.queue.filter((other) => other !== request)
        next(lock)
      }
      lock.queue.push(request)
      next(lock)
    })
  }

  return {
    forPage: (owner) => ({
      async exclusive(name, work) {
        const release = await acquire(name, owner)
        return work().finally(release)
      },
      hold(name) {
        let wanted = true
        const held = acquire(name, owner)
        void held.then((release) => wanted || release())
        return () => {
          wanted = false
          void held.then((release) => release())
        }
      },
      held: async () => [...locks].filter(([, lock]) => lock.holder !== null).map(([name]) => name),
    }),
    release(owner) {
      for (const lock of locks.values()) {
        lock.queue = lock.queue.filter((request) => request.owner !== owner)
        if (lock.holder?.owner === owner) lock.holder = null
        next(lock)
      }
    },
  }
}
