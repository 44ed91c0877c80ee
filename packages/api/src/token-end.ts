import type { Runtime } from '@latchkey/protocol'
import type { AccessToken } from './access-token.ts'
import type { RevocationFeed } from './revocations/feed.ts'

/** Tells when a token ends, for WebSockets and streams that were opened with it. */
export interface TokenEnd {
  /** Aborted when the token expires or is revoked; its `reason` is `'expired'` or `'revoked'`. */
  readonly signal: AbortSignal
  /** To be called when the stream ended by itself. */
  stop(): void
}

export function watchToken(
  auth: AccessToken,
  feed: RevocationFeed | null,
  { runtime, expiryToleranceSeconds }: { readonly runtime: Runtime; readonly expiryToleranceSeconds: number },
): TokenEnd {
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
  function stop(): void {
    cancel()
    unsubscribe?.()
  }
  function end(reason: 'expired' | 'revoked'): void {
    stop()
    controller.abort(reason)
  }
  if (left() <= 0) end('expired')
  else if (feed?.covers(auth.payload, auth.header.kid) === true) end('revoked')
  return { signal: controller.signal, stop }
}
