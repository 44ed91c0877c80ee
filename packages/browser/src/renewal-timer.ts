import { fraction } from './browser-token-host.ts'
import { catchUp, type Parts } from './parts.ts'
import type { SharedTokens } from './shared-tokens.ts'

/** After a failure the next attempt waits this long, in seconds; whoever asks for a token meanwhile has it tried as well. */
const pauseSeconds = 30
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
    // The session stays. Where the provider named a time, the token manager does not ask before it.
    await tokens
      .get({ rejected: holder.current()?.tokens.accessToken })
      .then(reset, () => arm(pauseSeconds * (1 + fraction(runtime) / 5)))
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
