/**
 * One signed-in browser at the BFF. `sealedTokens` is encrypted and bound to this row;
 * `version` grows with every write of the tokens. All instants are epoch seconds and come from the caller.
 */
export interface BffSessionRecord {
  /** SHA-256 based key of the cookie's value; the value is never stored. */
  readonly hash: string
  readonly sub: string
  /** The provider's session id, where it has one. */
  readonly sid: string | null
  readonly clientId: string
  readonly sealedTokens: string
  readonly version: number
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly idleExpiresAt: number
  readonly absoluteExpiresAt: number
}

/** Which sessions a revocation or a list means: one, a person's, those of one session at the provider, all of a client. */
export type SessionFilter =
  | { readonly hash: string }
  | { readonly sub: string }
  | { readonly sid: string; readonly clientId: string }
  | { readonly clientId: string }

/** Why a session ended before its time. */
export type EndReason = 'signed_out' | 'replaced' | 'backchannel' | 'revoked' | 'limit' | 'refresh_rejected'

/** Who holds the right to renew, and whether the provider has been asked and may still answer. */
export interface RefreshHolder {
  readonly fence: number
  /** The process, as its store names it. */
  readonly holder: string
  readonly leaseEndsAt: number
  /** The request that was announced: when, and until when its answer may come. */
  readonly asked: { readonly at: number; readonly answerBy: number } | null
}

/**
 * - `claimed`: the caller renews. `fence` is larger than any before it.
 * - `busy`: someone else holds it: their lease has not ended, or they asked the provider and may still be answered.
 * - `moved`: the tokens changed since `version`: read again.
 * - `gone`: revoked, expired or unknown.
 */
export type RefreshClaim =
  | { readonly outcome: 'claimed'; readonly fence: number }
  | ({ readonly outcome: 'busy' } & RefreshHolder)
  | { readonly outcome: 'moved' }
  | { readonly outcome: 'gone' }

/** Where sessions live. Every verb is one atomic step, durable before it resolves; a revoked session is never written again. */
export interface SessionStore {
  /** Stores `record` and, in the same step, revokes the session that it `replaces`. */
  create(record: BffSessionRecord, replaces: string | null): Promise<void>
  /** The session while it is neither revoked nor expired. */
  load(hash: string, now: number): Promise<BffSessionRecord | null>
  /** Slides the idle end, never past the absolute one; false when the session is gone. */
  touch(hash: string, at: { now: number; idleExpiresAt: number }): Promise<boolean>
  /** Takes the right to renew while nobody holds it; `instead` takes it from the holder of that fence. */
  claimRefresh(
    hash: string,
    version: number,
    at: { now: number; leaseSeconds: number; instead?: number },
  ): Promise<RefreshClaim>
  /** Says, durably and before it is sent, that the provider is asked and may answer until `answerBy`; false for who holds nothing any more. */
  announceRequest(
    hash: string,
    fence: number,
    at: { now: number; leaseSeconds: number; answerBy: number },
  ): Promise<boolean>
  /** Whether the process that holds a claim has surely ended; false while it could still live. */
  isGone(holder: string): Promise<boolean>
  renewLease(hash: string, fence: number, at: { now: number; leaseSeconds: number }): Promise<boolean>
  /** Writes new tokens and frees the lease, only for the holder of `fence` at `version`. */
  commitTokens(
    hash: string,
    commit: { sealedTokens: string; version: number; fence: number; now: number },
  ): Promise<'committed' | 'superseded' | 'gone'>
  releaseRefresh(hash: string, fence: number): Promise<void>
  /** Tombstones what the filter names; resolves with how many were alive. */
  revoke(filter: SessionFilter, now: number, because?: EndReason): Promise<number>
  /** Why a session was revoked, while its tombstone stands; null for one that was not. */
  whyEnded(hash: string): Promise<EndReason | null>
  list(
    filter: SessionFilter,
    page: { after?: string; limit: number; now: number },
  ): Promise<readonly BffSessionRecord[]>
  /** Remembers a one-time value (a login transaction's state, a logout token's jti): true for the first caller only. */
  rememberOnce(key: string, expiresAt: number, now: number): Promise<boolean>
  /** Deletes at most `limit` rows that expired or were revoked long enough ago. */
  sweep(now: number, limit: number): Promise<number>
  /**
   * Calls `listener` with the hash of a session whose tokens changed or that ended, from this process or another where the
   * backend can; with null after a time in which such news may have been lost.
   */
  subscribe(listener: (hash: string | null) => void): () => void
  close(): Promise<void>
}
