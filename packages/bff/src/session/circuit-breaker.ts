import { ProtocolError, type Runtime } from '@latchkey/protocol'

/** Spares a provider that is down: after some failures in a row nobody asks for a while, then one caller at a time. */
export interface CircuitBreaker {
  /** @throws ProtocolError `unreachable` with `retryAfterSeconds` at once while the circuit is open; else what `work` throws. */
  run<T>(work: () => Promise<T>): Promise<T>
  readonly state: () => 'closed' | 'open'
}

const failuresUntilOpen = 5
const shortestPauseSeconds = 1
const longestPauseSeconds = 30

/** Only `unreachable` counts as a failure: any other answer shows that the provider is there. */
export function createCircuitBreaker(runtime: Pick<Runtime, 'now' | 'randomBytes'>): CircuitBreaker {
  let failures = 0
  let pausedUntil = 0
  let probing = false

  function pause(): void {
    const seconds = Math.min(longestPauseSeconds, shortestPauseSeconds * 2 ** (failures - failuresUntilOpen))
    const jitter = 0.75 + (runtime.randomBytes(1)[0] ?? 0) / 512
    pausedUntil = runtime.now() + seconds * jitter
  }
  const isOpen = () => failures >= failuresUntilOpen
  return {
    state: () => (isOpen() ? 'open' : 'closed'),
    async run(work) {
      const wait = pausedUntil - runtime.now()
      const probes = isOpen()
      if (probes && (wait > 0 || probing)) throw away(wait)
      if (probes) probing = true
      try {
        const result = await work()
        failures = 0
        return result
      } catch (error) {
        if (!(error instanceof ProtocolError) || error.code !== 'unreachable') failures = 0
        else {
          failures++
          if (isOpen()) pause()
        }
        throw error
      } finally {
        if (probes) probing = false
      }
    },
  }
}

function away(wait: number): ProtocolError {
  return new ProtocolError('unreachable', 'the provider is away; it is asked again in a moment', {
    retryable: true,
    retryAfterSeconds: Math.max(1, wait),
  })
}
