import type { Runtime } from '@latchkey/protocol'
import type { Store } from './store/store.ts'

const everySeconds = 60
const batch = 500

/** Deletes expired rows now and then, in batches small enough that no request waits long. */
export function startSweeper(store: Store, runtime: Runtime, onError: (error: unknown) => void): () => Promise<void> {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let cancel = runtime.schedule(everySeconds, round)
  function round(): void {
    running = sweepAll()
      .catch(onError)
      .then(() => {
        if (!stopped) cancel = runtime.schedule(everySeconds, round)
      })
  }
  async function sweepAll(): Promise<void> {
    while (!stopped) if ((await store.sweep(Math.floor(runtime.now()), batch)) < batch) return
  }
  return () => {
    stopped = true
    cancel()
    return running
  }
}
