/** Something that was taken back before its time. The feed to API guards is made of these. @spec RFC 8417 §1 */
export interface Revocation {
  /** Grows with each entry in the order in which they became visible. */
  readonly sequence: number
  readonly kind: 'token' | 'family' | 'session' | 'subject' | 'client' | 'key'
  /** A `jti`, or the id of what ended. */
  readonly id: string
  /** Epoch seconds. */
  readonly at: number
  /** When nothing that it concerns can still be valid: then the entry may be forgotten. */
  readonly expiresAt: number
}

export interface RevocationLog {
  /** Entries after `sequence`, oldest first. An entry is listed only when none before it can still appear. */
  after(sequence: number, limit: number): Promise<readonly Revocation[]>
  /** Those that still matter at `now`, and the sequence up to which they were read; a page follows `after`. */
  snapshot(page: { readonly now: number; readonly after: number; readonly limit: number }): Promise<{
    readonly entries: readonly Revocation[]
    /** Where `after` may go on once a page is empty. */
    readonly upTo: number
  }>
  /** Adds an entry for what the other verbs do not know of (a key, a subject). */
  append(entry: Omit<Revocation, 'sequence'>): Promise<void>
  /** Called soon after new entries became visible, from this process or another where the backend can; sometimes without need. */
  subscribe(listener: () => void): () => void
}
