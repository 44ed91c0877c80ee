import { createRecentlyUsed, revocationClaims, securityEventType, snapshotClaims } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'
import type { Revocation } from '../store/store.ts'
import { bareCursor, feedCursor } from './feed-cursor.ts'

/** What the feed's endpoints share: one watch over the log, and tokens that are signed once. */
export interface RevocationFeed {
  /** Resolves when something may stand in the log after `sequence`, after `seconds`, or when the provider stops. */
  changed(seconds: number, signal: AbortSignal): Promise<void>
  /** The security event token of an entry. @spec RFC 8417 §2 */
  token(entry: Revocation): string
  /** A page of everything that still matters, as one token. */
  snapshot(after: number): Promise<string>
}

export const feedPath = '/revocations'
/** How long an idle connection is silent. */
export const heartbeatSeconds = 5
/** How soon another node's entries are seen where the store cannot tell of them. */
const lookAgainSeconds = 0.2
const keptTokens = 4096
const pageSize = 2000

type FeedParts = Pick<Parts, 'issuer' | 'store' | 'keys' | 'runtime' | 'stopping'>

export function createRevocationFeed({ issuer, store, keys, runtime, stopping }: FeedParts): RevocationFeed {
  const audience = issuer + feedPath
  const tokens = createRecentlyUsed<string>(keptTokens)
  const waiting = new Set<() => void>()
  let unsubscribe: (() => void) | null = null
  let isToLook = false
  let signedUnder = keys.jwks()
  stopping.addEventListener('abort', wakeAll, { once: true })

  function wakeAll(): void {
    for (const wake of [...waiting]) wake()
  }

  /** The log is watched only while somebody waits. */
  function watch(): void {
    unsubscribe ??= store.revocations.subscribe(wakeAll)
    if (isToLook) return
    isToLook = true
    runtime.schedule(lookAgainSeconds, () => {
      isToLook = false
      wakeAll()
    })
  }

  function unwatch(): void {
    if (waiting.size > 0) return
    unsubscribe?.()
    unsubscribe = null
  }

  function sign(claims: object): string {
    const iat = Math.floor(runtime.now())
    return keys.sign('ES256', { iss: issuer, aud: audience, iat, ...claims }, { typ: securityEventType })
  }

  return {
    changed(seconds, signal) {
      return new Promise((resolve) => {
        const done = () => {
          cancel()
          signal.removeEventListener('abort', done)
          waiting.delete(done)
          unwatch()
          resolve()
        }
        const cancel = runtime.schedule(seconds, done)
        signal.addEventListener('abort', done, { once: true })
        if (signal.aborted || stopping.aborted) return done()
        waiting.add(done)
        watch()
      })
    },
    token(entry) {
      const id = feedCursor(entry)
      // What a key signed that has left the set could be verified by nobody.
      if (keys.jwks() !== signedUnder) tokens.clear()
      signedUnder = keys.jwks()
      const known = tokens.get(id)
      if (known !== undefined) return known
      const token = sign({ jti: id, ...revocationClaims(entry, issuer) })
      tokens.set(id, token)
      return token
    },
    async snapshot(after) {
      const now = runtime.now()
      const { entries, upTo } = await store.revocations.snapshot({ now, after, limit: pageSize })
      const last = entries.at(-1)
      const more = entries.length === pageSize
      const cursor = last?.sequence === upTo ? feedCursor(last) : bareCursor(upTo)
      return sign({ jti: `snapshot.${upTo}.${after}`, ...snapshotClaims({ entries, upTo, more, cursor }) })
    },
  }
}
