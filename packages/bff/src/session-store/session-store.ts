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

/** Which sessions a revocation or a list means. */
export type SessionFilter =
  | { readonly hash: string }
  | { readonly sub: string }
  | { readonly sid: string; readonly clientId: string }

/**
 * - `claimed`: the caller renews; nobody else may until the lease ends. `fence` is larger than any before it.
 * - `busy`: someone else is renewing until `leaseEndsAt`.
 * - `moved`: the tokens changed since `version`: read again.
 * - `gone`: revoked, expired or unknown.
 */
export type RefreshClaim =
  | { readonly outcome: 'claimed'; readonly fence: number }
  | { readonly outcome: 'busy'; readonly leaseEndsAt: number }
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
  claimRefresh(hash: string, version: number, at: { now: number; leaseSeconds: number }): Promise<RefreshClaim>
  renewLease(hash: string, fence: number, at: { now: number; leaseSeconds: number }): Promise<boolean>
  /** Writes new tokens and frees the lease, only for the holder of `fence` at `version`. */
  commitTokens(
    hash: string,
    commit: { sealedTokens: string; version: number; fence: number; now: number },
  ): Promise<'committed' | 'superseded' | 'gone'>
  releaseRefresh(hash: string, fence: number): Promise<void>
  /** Tombstones what the filter names; resolves with how many were alive. */
  revoke(filter: SessionFilter, now: number): Promise<number>
  list(
    filter: SessionFilter,
    page: { after?: string; limit: number; now: number },
  ): Promise<readonly BffSessionRecord[]>
  /** Remembers a one-time value (a login transaction's state, a logout token's jti): true for the first caller only. */
  rememberOnce(key: string, expiresAt: number, now: number): Promise<boolean>
  /** Deletes at most `limit` rows that expired or were revoked long enough ago. */
  sweep(now: number, limit: number): Promise<number>
  /** Calls `listener` with the hash of a session whose tokens changed or that ended, from this process or another where the backend can. */
  subscribe(listener: (hash: string) => void): () => void
  close(): Promise<void>
}
