import { ProtocolError } from '@latchkey/protocol'
import { fraction } from './browser-token-host.ts'
import { catchUp, type Parts } from './parts.ts'
import type { SharedTokens } from './shared-tokens.ts'

/** After a failure the next attempt waits this long, in seconds, doubling up to the second number. */
const firstPause = 5
const longestPause = 120
/** However short a token lives, in seconds. */
const shortestWait = 1

/**
 * Renews ahead of expiry where the configuration says so, never before half of the token's life is over, each tab at a
 * slightly other moment: the first one renews for all. Hears what was missed when the page wakes up. Returns the way out.
 */
export function renewAhead(parts: Parts, tokens: SharedTokens): () => void {
  const { platform, settings, holder } = parts
  const { runtime } = platform
  const { renewBeforeExpirySeconds: before } = settings
  let pause = firstPause
  let cancel = () => {}

  function arm(seconds: number): void {
    cancel()
    cancel = runtime.schedule(seconds, () => void fire())
  }
  function reset(): void {
    cancel()
    const held = holder.current()?.tokens
    if (!held || !before) return
    const ahead = Math.min(before, (held.expiresAt - held.issuedAt) / 2)
    arm(Math.max(shortestWait, held.expiresAt - ahead * (1 - fraction(runtime) / 10) - runtime.now()))
  }
  async function fire(): Promise<void> {
    try {
      await tokens.get({ rejected: holder.current()?.tokens.accessToken })
      pause = firstPause
      reset()
    } catch (error) {
      // The session stays; whoever asks for a token meanwhile is told why.
      const asked = error instanceof ProtocolError ? error.retryAfterSeconds : 0
      arm(Math.max(pause, asked ?? 0) * (1 + fraction(runtime) / 5))
      pause = Math.min(pause * 2, longestPause)
    }
  }

  const unsubscribe = holder.subscribe(reset)
  const unwatch = platform.onLifecycle((event) => {
    if (event !== 'resume') return
    tokens.wake()
    void catchUp(parts).then(reset)
  })
  return () => {
    unsubscribe()
    unwatch()
    cancel()
  }
}
