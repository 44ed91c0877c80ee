import { OAuthError, type Runtime } from '@latchkey/protocol'
import { type AccessToken, guardOf } from './access-token.ts'
import type { RevocationFeed } from './revocations/feed.ts'
import type { StatusChecks } from './status-lists/status-checks.ts'

/** How often a status list is looked at for a stream that goes on; fetched it is only when its `ttl` has passed. */
const lookAgainSeconds = 5

/** Tells when a token ends, for WebSockets and streams that were opened with it. */
export interface TokenEnd {
  /** Aborted when the token expires or is revoked; its `reason` is `'expired'` or `'revoked'`. */
  readonly signal: AbortSignal
  /** To be called when the stream ended by itself. */
  stop(): void
  /** Runs `task` after so many seconds on the guard's clock; the returned function calls it off. */
  wait(seconds: number, task: () => void): () => void
}

/** Watches a token that a guard admitted. @throws TypeError for one of a verifier, which watches nothing */
export function endOf(auth: AccessToken): TokenEnd {
  const { watch } = guardOf(auth)
  if (watch === undefined) throw new TypeError('the token was not admitted by a guard: nobody knows when it ends')
  return watch(auth)
}

export function watchToken(
  auth: AccessToken,
  sources: { readonly feed: RevocationFeed | null; readonly statuses: StatusChecks | null } | undefined,
  { runtime, expiryToleranceSeconds }: { readonly runtime: Runtime; readonly expiryToleranceSeconds: number },
): TokenEnd {
  const { feed = null, statuses = null } = sources ?? {}
  const controller = new AbortController()
  const left = () => auth.payload.exp + expiryToleranceSeconds - runtime.now()
  let cancel = runtime.schedule(left(), due)
  const unsubscribe = feed?.subscribe(() => {
    if (feed.covers(auth.payload, auth.header.kid)) end('revoked')
  })
  /** A timer may come early: it has a longest length. */
  function due(): void {
    if (left() <= 0) end('expired')
    else cancel = runtime.schedule(left(), due)
  }
  let cancelLook = (): void => {}
  let isOver = false
  function stop(): void {
    isOver = true
    cancel()
    cancelLook()
    unsubscribe?.()
  }
  /** A list has no news to tell: it is looked at again and again. What cannot be had says nothing. */
  function lookAgain(held: StatusChecks): void {
    cancelLook = runtime.schedule(lookAgainSeconds, async () => {
      try {
        await held.check(auth.payload)
      } catch (error) {
        if (error instanceof OAuthError && !isOver) return end('revoked')
      }
      if (!isOver) lookAgain(held)
    })
  }
  function end(reason: 'expired' | 'revoked'): void {
    stop()
    controller.abort(reason)
  }
  if (left() <= 0) end('expired')
  else if (feed?.covers(auth.payload, auth.header.kid) === true) end('revoked')
  else if (statuses !== null) lookAgain(statuses)
  return { signal: controller.signal, stop, wait: runtime.schedule }
}
