import type { HandleHash } from './store.ts'

/** A person signed in at the provider, in one browser. */
export interface SessionRecord {
  readonly hash: HandleHash
  /** The public session id, for `sid` claims. */
  readonly sid: string
  readonly sub: string
  readonly authTime: number
  readonly amr: readonly string[]
  readonly acr: string | null
  readonly expiresAt: number
  /** When the person first signed in under this `sid`; missing where it is `authTime`. */
  readonly startedAt?: number
  /** The last use that was noted; missing where there was none since `authTime`. */
  readonly usedAt?: number
  /** What the browser called itself when the person signed in: names alone, no versions. */
  readonly device?: { readonly browser: string | null; readonly platform: string | null }
}

export interface SessionStore {
  /**
   * Stores `record` and, in the same step, ends `replaces` (the id before sign-in): where that was another person's, with all
   * that it gave out, as `endOf` does.
   */
  create(record: SessionRecord, replaces: HandleHash | null): Promise<void>
  find(hash: HandleHash, now: number): Promise<SessionRecord | null>
  end(hash: HandleHash): Promise<SessionRecord | null>
  /** Those of a person that have not expired. */
  list(sub: string, now: number): Promise<readonly SessionRecord[]>
  /** Keeps `now` as the last use, unless a later one is known; false when the session is gone. */
  use(hash: HandleHash, now: number): Promise<boolean>
  /**
   * Ends one session of a person, or all but one, with every family that was given out in them and what is on its way to
   * become one, and queues a logout token for every client noted in them; resolves with the `sid` of those that ended.
   * Sessions of other people are never touched. @spec Back-Channel Logout §2.5
   */
  endOf(
    sub: string,
    which: { readonly only: string } | { readonly except: string },
    now: number,
  ): Promise<readonly string[]>
  /** Remembers that this client has signed the person in by this session: whom to tell at logout. */
  noteClient(sid: string, clientId: string, expiresAt: number): Promise<void>
  /** The clients noted, also after the session ended. */
  clientsOf(sid: string): Promise<readonly string[]>
}
