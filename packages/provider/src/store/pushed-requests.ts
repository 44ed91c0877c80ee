import type { HandleHash } from './store.ts'

/** An authorization request that its client pushed beforehand. @spec RFC 9126 §2.2 */
export interface PushedRequestRecord {
  readonly hash: HandleHash
  readonly clientId: string
  /** Its parameters as wire text. */
  readonly request: string
  /** The DPoP key that the push was proven with. @spec RFC 9449 §10.1 */
  readonly dpopJkt: string | null
  readonly expiresAt: number
}

export interface PushedRequestStore {
  create(record: PushedRequestRecord): Promise<void>
  /** The request when it is this client's, left where it is: the person has not decided yet. */
  find(hash: HandleHash, clientId: string, now: number): Promise<PushedRequestRecord | null>
  /** Takes the request away when it is this client's; the second of two callers gets null. @spec RFC 9126 §7.3 */
  consume(hash: HandleHash, clientId: string, now: number): Promise<PushedRequestRecord | null>
}
