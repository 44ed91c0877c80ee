import type { Grounds, HandleHash, Issued } from './store.ts'

/** A grant that waits for a person on another device: a device code or a CIBA request. @spec RFC 8628 §3.2; CIBA Core §7.3 */
export interface PendingGrantRecord {
  /** Of the device_code or auth_req_id. */
  readonly hash: HandleHash
  readonly kind: 'device' | 'ciba'
  /** Of the user code in its canonical form, or null; unique among those that have not expired. */
  readonly lookup: string | null
  readonly clientId: string
  /** What was asked for, for the page that asks the person. */
  readonly request: Readonly<Record<string, unknown>>
  /** Seconds that must lie between two polls; grows by 5 with each `slow_down`. */
  readonly intervalSeconds: number
  readonly createdAt: number
  readonly expiresAt: number
}

/**
 * - `pending`, `slow_down`: nobody decided yet; `slow_down` when the poll came too early.
 * - `approved`: may be redeemed, once. - `denied`: final. - `unknown`: never issued, redeemed or expired.
 */
export type Poll =
  | { readonly outcome: 'pending' | 'slow_down' | 'denied' | 'unknown' }
  | { readonly outcome: 'expired' }
  | { readonly outcome: 'approved'; readonly grounds: Grounds }

export interface PendingGrantStore {
  /** `taken` when another pending grant has the same `lookup`. */
  create(record: PendingGrantRecord): Promise<'created' | 'taken'>
  find(hash: HandleHash, now: number): Promise<PendingGrantRecord | null>
  /** Only while nobody decided. */
  findByLookup(lookup: string, now: number): Promise<PendingGrantRecord | null>
  /** The first decision stands: false for every later one, and for what is unknown or expired. */
  decide(hash: HandleHash, decision: { readonly approved: Grounds } | 'denied', now: number): Promise<boolean>
  /** Judges and remembers the time of this poll in one step. */
  poll(hash: HandleHash, now: number): Promise<Poll>
  /** Takes an approved grant away and writes what is issued for it, all or nothing. */
  redeem(hash: HandleHash, issued: Issued, now: number): Promise<'redeemed' | 'unknown'>
}
