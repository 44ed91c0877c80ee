import type { Locks } from './platform.ts'

/** Mutual exclusion over all tabs of the origin. @spec Web Locks API §3 */
export function webLocks(manager: LockManager): Locks {
  return {
    // The callback's promise is what the lock is held for; the types lose that it is awaited.
    exclusive: async (name, work) => manager.request(name, () => work()),
    hold(name) {
      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      manager.request(name, () => released).catch(() => {})
      return release
    },
    held: async () => (await manager.query()).held?.map(({ name = '' }) => name) ?? [],
  }
}
