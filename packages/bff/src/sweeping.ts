import type { Parts } from './endpoints/endpoint.ts'

const sweepSeconds = 300
const sweepRows = 500
/** Left to requests between two batches. */
const pauseSeconds = 0.05

/** Old sessions leave a few at a time until none is left, for as long as the BFF lives; of all processes on a store one sweeps each time. */
export function sweeping({ store, connection, emit }: Pick<Parts, 'store' | 'connection' | 'emit'>): () => void {
  const { runtime } = connection
  let cancel = () => {}
  let closed = false
  const pause = () => new Promise<void>((resolve) => void runtime.schedule(pauseSeconds, resolve))
  const sweep = async () => {
    const now = runtime.now()
    const round = Math.floor(now / sweepSeconds)
    if (!(await store.rememberOnce(`sweep:${round}`, (round + 2) * sweepSeconds, now))) return
    while (!closed && (await store.sweep(now, sweepRows)) === sweepRows) await pause()
  }
  const next = () => {
    cancel = runtime.schedule(sweepSeconds, () => {
      sweep()
        .catch((cause: unknown) => emit({ type: 'request_failed', cause }))
        .finally(() => (closed ? undefined : next()))
    })
  }
  next()
  return () => {
    closed = true
    cancel()
  }
}
