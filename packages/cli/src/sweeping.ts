import type { Runtime } from '@latchkey/protocol'
import type { Store } from '@latchkey/provider'

const pauseSeconds = 60
const rowsAtOnce = 500

interface Sweeping {
  readonly store: Pick<Store, 'sweep'>
  readonly runtime: Runtime
  readonly onFailure: (what: string, error: unknown) => void
}

/** Deletes expired rows once a minute, a few at a time so that requests come between; the returned function ends it. */
export function startSweeping({ store, runtime, onFailure }: Sweeping): () => void {
  let stopped = false
  let cancel = runtime.schedule(pauseSeconds, () => void sweep())
  async function sweep(): Promise<void> {
    let deleted = 0
    try {
      deleted = await store.sweep(runtime.now(), rowsAtOnce)
    } catch (error) {
      onFailure('Expired rows could not be deleted', error)
    }
    if (!stopped) cancel = runtime.schedule(deleted < rowsAtOnce ? pauseSeconds : 0, () => void sweep())
  }
  return () => {
    stopped = true
    cancel()
  }
}
