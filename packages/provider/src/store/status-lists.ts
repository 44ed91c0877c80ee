/** A list of statuses that tokens refer to by index. @spec Token Status List §4 */
export interface StatusListRecord {
  readonly id: string
  /** How many indices it has; a multiple of 8. */
  readonly size: number
  readonly createdAt: number
  /** When the last token in it can no longer be valid: then the list is forgotten. */
  readonly expiresAt: number
}

/** A JWT access token's place in a list, written in the step that issues the token. */
export interface StatusEntry {
  readonly jti: string
  readonly listId: string
  readonly index: number
  readonly clientId: string
  /** The key that signed the token. */
  readonly kid: string
  readonly expiresAt: number
}

/**
 * Every verb that takes tokens back marks their entries in the same step, as it writes to the revocation log. A person's
 * and a session's tokens are marked by their families, which the same verbs end.
 */
export interface StatusListStore {
  /** @throws Error when the id is taken */
  open(record: StatusListRecord): Promise<void>
  /** For a token that stands alone; others are written with the family. @throws Error when the index is taken */
  enter(entry: StatusEntry): Promise<void>
  /** The list and the indices of what was taken back, or null once it has ended. */
  read(
    id: string,
    now: number,
  ): Promise<{ readonly list: StatusListRecord; readonly revoked: readonly number[] } | null>
  /** The ids of the lists that have not ended, oldest first. */
  current(now: number): Promise<readonly string[]>
}
