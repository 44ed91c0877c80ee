import { ProtocolError, type Runtime } from '@latchkey/protocol'
import { isTakenOver } from './refresh-lease.ts'

/** Spares a provider that is down: after some failures in a row nobody asks for a while, then one asks for all. */
export interface CircuitBreaker {
  /** @throws ProtocolError `unreachable` with `retryAfterSeconds` at once while the circuit is open; else what `work` throws. */
  run<T>(work: () => Promise<T>): Promise<T>
}

const failuresUntilOpen = 5
const shortestPauseSeconds = 1
const longestPauseSeconds = 30

/** Only `unreachable` counts as a failure: any other answer shows that the provider is there. */
export function createCircuitBreaker(runtime: Pick<Runtime, 'now' | 'randomBytes'>): CircuitBreaker {
  let failures = 0
  let pausedUntil = 0
  /** Settles with the one request that tries whether the provider is back. */
  let probe: Promise<unknown> | null = null

  const isOpen = () => failures >= failuresUntilOpen
  function failed(error: unknown): void {
    // Nobody was asked: that says nothing of the provider.
    if (isTakenOver(error)) return
    if (!(error instanceof ProtocolError) || error.code !== 'unreachable') {
      failures = 0
      return
    }
    failures++
    if (!isOpen()) return
    const seconds = Math.min(longestPauseSeconds, shortestPauseSeconds * 2 ** (failures - failuresUntilOpen))
    const jitter = 0.5 + (runtime.randomBytes(1)[0] ?? 0) / 512
    pausedUntil = runtime.now() + seconds * jitter
  }
  async function attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      failures = 0
      return result
    } catch (error) {
      failed(error)
      throw error
    }
  }
  return {
    async run(work) {
      // While one tries, the others wait for what it finds instead of failing.
      if (isOpen() && probe !== null) await probe.catch(() => undefined)
      if (!isOpen()) return attempt(work)
      const wait = pausedUntil - runtime.now()
      if (wait > 0) throw away(wait)
      const mine = attempt(work).finally(() => {
        if (probe === mine) probe = null
      })
      probe = mine
      return mine
    },
  }
}

function away(wait: number): ProtocolError {
  return new ProtocolError('unreachable', 'the provider is away; it is asked again in a moment', {
    retryable: true,
    retryAfterSeconds: Math.max(1, wait),
  })
}
