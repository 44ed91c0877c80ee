import type { Auth } from '../auth.ts'
import type { AuthPart, TokenSource } from '../auth-part.ts'
import { fraction } from '../browser-token-host.ts'
import type { Parts } from '../parts.ts'

/**
 * Renews by a timer, as long before expiry as `renewBeforeExpirySeconds` says, never before half of the token's life is
 * over, each tab at a slightly other moment: the first one renews for all. Without it tokens are renewed when they are
 * asked for. `createAuth` of `@latchkey/browser` has it by itself.
 */
export function renewAhead(): AuthPart {
  return { renewsAhead: true, watch: runTimer }
}

function runTimer({ runtime, settings, holder, onLifecycle }: Parts, _auth: Auth, tokenSet: TokenSource): () => void {
  const { renewBeforeExpirySeconds: before } = settings
  let cancel = () => {}

  let arm = (seconds: number): void => {
    cancel()
    cancel = runtime.schedule(seconds, fire)
  }
  /** However short a token lives, in seconds. */
  const shortestWait = 1
  function reset(): void {
    cancel()
    const held = holder.current()?.tokens
    if (!held || !before) return
    const ahead = Math.min(before, (held.expiresAt - held.issuedAt) / 2)
    arm(Math.max(shortestWait, held.expiresAt - ahead * (1 - fraction(runtime) / 10) - runtime.now()))
  }
  /** After a failure the next attempt waits this long, in seconds; whoever asks for a token meanwhile has it tried as well. */
  const pauseSeconds = 30
  function fire(): void {
    // The session stays. Where the provider named a time, the token manager does not ask before it.
    tokenSet({ rejected: holder.current()?.tokens.accessToken }).then(reset, () =>
      arm(pauseSeconds * (1 + fraction(runtime) / 5)),
    )
  }

  const unsubscribe = holder.subscribe(reset)
  // A page that slept finds its timers late.
  const unwatch = onLifecycle(reset)
  return () => {
    unsubscribe()
    unwatch()
    cancel()
    // A renewal that is under way ends later, and would plan the next one.
    arm = () => {}
  }
}
