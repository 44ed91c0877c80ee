import type { Locks } from './platform.ts'

/** Mutual exclusion by Web Locks; without them only within this page. @spec Web Locks API §3 */
export function openLocks(manager: LockManager | undefined): Locks {
  return manager === undefined ? pageLocks() : webLocks(manager)
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

/**
 * Browsers before 2022: callers of this page queue; tabs may renew at the same time, which a provider's
 * rotation grace forgives, and tell each other the outcome.
 */
function pageLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>()
  return {
    exclusive(name, work) {
      const turn = (tails.get(name) ?? Promise.resolve()).then(work)
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
