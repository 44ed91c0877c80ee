import type { TokenSet } from '@latchkey/client'
import { ProtocolError, type Runtime } from '@latchkey/protocol'
import { fraction } from './shared-tokens.ts'

/** After a failure the next attempt waits this long, in seconds, doubling up to the second number. */
const firstPause = 5
const longestPause = 120
/** However short a token lives, in seconds. */
const shortestWait = 1

export interface RenewalTimer {
  /** Looks at the current tokens again: they changed, or the page woke up. */
  reset(): void
  stop(): void
}

interface RenewalTimerOptions {
  readonly runtime: Runtime
  /** Seconds before expiry; 0 sets no timer. */
  readonly beforeSeconds: number
  readonly current: () => TokenSet | null
  readonly renew: (accessToken: string) => Promise<unknown>
}

/**
 * Renews ahead of expiry, never before half of the token's life is over, each tab at a slightly other moment:
 * the first one renews for all.
 */
export function createRenewalTimer({ runtime, beforeSeconds, current, renew }: RenewalTimerOptions): RenewalTimer {
  let cancel = () => {}
  let pause = firstPause

  function arm(seconds: number): void {
    cancel()
    cancel = runtime.schedule(seconds, () => void fire())
  }

  function reset(): void {
    cancel()
    const tokens = current()
    if (tokens === null || beforeSeconds === 0) return
    const lifetime = Math.max(0, tokens.expiresAt - tokens.issuedAt)
    const ahead = Math.min(beforeSeconds, lifetime / 2)
    const jitter = (fraction(runtime) * ahead) / 10
    arm(Math.max(shortestWait, tokens.expiresAt - ahead + jitter - runtime.now()))
  }

  async function fire(): Promise<void> {
    const tokens = current()
    if (tokens === null) return
    try {
      await renew(tokens.accessToken)
      pause = firstPause
      reset()
    } catch (error) {
      // The session stays; whoever asks for a token meanwhile is told why.
      const asked = error instanceof ProtocolError ? error.retryAfterSeconds : undefined
      arm(Math.max(pause, asked ?? 0) * (1 + fraction(runtime) / 5))
      pause = Math.min(pause * 2, longestPause)
    }
  }

  return { reset, stop: () => cancel() }
}
