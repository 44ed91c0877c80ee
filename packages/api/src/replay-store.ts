import { OAuthError } from '@latchkey/protocol'

/**
 * Which DPoP proofs were seen. In one process `memoryReplayStore`; for several, the provider's SQL stores have it as
 * `store.replays`, and Redis's `SET key 1 NX EX seconds` is all it takes. @spec RFC 9449 §11.1
 */
export interface ReplayStore {
  /** True for the first caller with this key before `expiresAt` (epoch seconds), false for every other. */
  remember(key: string, expiresAt: number, now: number): Promise<boolean> | boolean
}

/** Holds at most `limit` proofs: a flood of more is refused for the moment, never let through unseen. */
export function memoryReplayStore({ limit = 200_000 }: { readonly limit?: number } = {}): ReplayStore {
  const seen = new Map<string, number>()
  /** What ends in the same second goes together: nobody looks for it among the living. */
  const byEnd = new Map<number, string[]>()
  let sweptAt = Number.NEGATIVE_INFINITY

  function sweep(now: number): void {
    if (now === sweptAt) return
    sweptAt = now
    for (const [end, keys] of byEnd) {
      if (end > now) continue
      byEnd.delete(end)
      for (const key of keys) if ((seen.get(key) ?? now) <= now) seen.delete(key)
    }
  }

  return {
    remember(key, expiresAt, now) {
      sweep(now)
      if ((seen.get(key) ?? 0) > now) return false
      if (seen.size >= limit) {
        throw new OAuthError('temporarily_unavailable', 'too many DPoP proofs at once', { retryAfterSeconds: 1 })
      }
      seen.set(key, expiresAt)
      const ending = byEnd.get(expiresAt)
      if (ending === undefined) byEnd.set(expiresAt, [key])
      else ending.push(key)
      return true
    },
  }
}
