import type { Runtime } from '@latchkey/protocol'
import { newId } from './crypto.ts'
import type { Store } from './store/store.ts'

const everySeconds = 60
const batch = 500
/** Left to requests between two batches at least; half of what a batch took, where that is longer. */
const pauseSeconds = 0.01
const leaseName = 'sweep'
/** Longer than the time between two rounds, so that the same node goes on; another takes over when it has ended. */
const leaseSeconds = 180

/** Deletes expired rows now and then, one node at a time, in batches small enough that no request waits long. */
export function startSweeper(store: Store, runtime: Runtime, onError: (error: unknown) => void): () => Promise<void> {
  const holder = newId(runtime)
  const now = (): number => Math.floor(runtime.now())
  let stopped = false
  let holdsLease = false
  let running: Promise<void> = Promise.resolve()
  let cancel = runtime.schedule(everySeconds, round)
  let wake = (): void => {}

  function round(): void {
    running = sweepAll()
      .catch(onError)
      .then(() => {
        if (!stopped) cancel = runtime.schedule(everySeconds, round)
      })
  }
  async function sweepAll(): Promise<void> {
    let took = 0
    for (let renewAt = 0; !stopped; await pause(Math.max(pauseSeconds, took / 2))) {
      if (now() >= renewAt) {
        holdsLease = (await store.leases.acquire(leaseName, holder, { now: now(), seconds: leaseSeconds })) !== null
        if (!holdsLease) return
        renewAt = now() + leaseSeconds / 3
      }
      const began = runtime.now()
      if ((await store.sweep(now(), batch)) < batch) return
      took = runtime.now() - began
    }
  }
  function pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancelPause = runtime.schedule(seconds, resolve)
      wake = () => {
        cancelPause()
        resolve()
      }
      if (stopped) wake()
    })
  }
  return async () => {
    stopped = true
    cancel()
    wake()
    await running
    // The next node need not wait for this lease to end.
    if (holdsLease) await store.leases.release(leaseName, holder).catch(onError)
  }
}
