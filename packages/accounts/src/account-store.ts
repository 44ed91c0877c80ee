/** One person's record. Instants are epoch seconds. */
export interface AccountRecord {
  /** Opaque, never reused, never changed. @spec OIDC Core §8 */
  readonly sub: string
  /** As typed; compared after Unicode NFKC and lower-casing. */
  readonly username: string
  /** argon2id in PHC string form, or null when the person has no password. */
  readonly passwordHash: string | null
  readonly admin: boolean
  readonly claims: Readonly<Record<string, unknown>>
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** Where accounts live. Every verb is one atomic step, durable before it resolves. */
export interface AccountStore {
  find(sub: string): Promise<AccountRecord | null>
  findByUsername(username: string): Promise<AccountRecord | null>
  create(record: AccountRecord): Promise<'created' | 'exists'>
  /** Writes only when the stored version is `record.version - 1`. */
  update(record: AccountRecord): Promise<'updated' | 'stale' | 'exists'>
  delete(sub: string): Promise<boolean>
  /** Counts one failed attempt against a key (a username, an address); resolves with the attempts inside the window. */
  countFailure(key: string, at: { now: number; windowSeconds: number }): Promise<number>
  failures(key: string, at: { now: number; windowSeconds: number }): Promise<number>
  clearFailures(key: string): Promise<void>
  close(): Promise<void>
}

/** How usernames are compared. */
export function canonicalUsername(username: string): string {
  return username.normalize('NFKC').toLowerCase().trim()
}
