/** One entry of the audit trail: what happened, to whom, by whom. Never a token, a secret or a password. */
export interface AuditRecord {
  /** Begins with the instant, as handles do: entries are ordered by it. */
  readonly id: string
  readonly type: string
  /** Epoch seconds, with fractions. */
  readonly at: number
  /** Of the request that it came of, or what the provider did by itself. */
  readonly requestId: string
  readonly clientId: string | null
  /** To whom it happened. */
  readonly sub: string | null
  /** Who did it, where that is somebody else: an administrator. */
  readonly actor: string | null
  readonly familyId: string | null
  readonly grantType: string | null
  readonly error: string | null
  readonly detail: string | null
  /** Epoch seconds. */
  readonly expiresAt: number
}

export interface AuditQuery {
  readonly type?: string
  readonly clientId?: string
  /** To whom it happened, or who did it. */
  readonly person?: string
  /** Entries with a smaller id: those before an instant, or behind the last of a page. */
  readonly before?: string
  /** Entries with this id or a larger one. */
  readonly from?: string
  readonly limit: number
}

export interface AuditStore {
  /** Writes all or none; an entry that is there already stays as it is, so that a batch may be sent again. */
  append(records: readonly AuditRecord[]): Promise<void>
  /**
   * Does `act` and writes the entries that tell what it came to in the same transaction: neither stands without the other.
   * That takes a verb of this store which allows something or takes something back, called by `act` before it waits for
   * anything. Otherwise `isWritten` is false, and the entries are the caller's to append.
   * `entriesOf` may be called more than once, and writes nothing itself.
   */
  along<T>(
    act: () => Promise<T>,
    entriesOf: (result: T) => readonly AuditRecord[],
  ): Promise<{ readonly result: T; readonly isWritten: boolean }>
  /** Newest first. Entries that expired are shown until they are swept. */
  list(query: AuditQuery): Promise<readonly AuditRecord[]>
}
