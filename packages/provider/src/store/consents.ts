import type { AuthorizationDetail } from '@latchkey/protocol'

/** What a person has allowed a client. */
export interface ConsentRecord {
  readonly clientId: string
  /** Entries of `permissionsOf`. */
  readonly permissions: readonly string[]
  /** What was allowed in detail, each for one authorization, newest last. @spec RFC 9396 §2 */
  readonly details: readonly AllowedDetail[]
  /** When the client was first allowed something. */
  readonly grantedAt: number
}

export interface AllowedDetail {
  readonly detail: AuthorizationDetail
  readonly at: number
}

/** How many of them are kept for one client; the newest. */
export const mostAllowedDetails = 20

/** What `withdraw` found and took away. */
export interface Withdrawal {
  readonly hadConsent: boolean
  /** The families that were alive. */
  readonly ended: readonly { readonly familyId: string; readonly sid: string | null }[]
}

export interface ConsentStore {
  /** Entries of `permissionsOf`. */
  find(sub: string, clientId: string): Promise<readonly string[]>
  /** Everything a person has allowed, ordered by client_id. */
  list(sub: string): Promise<readonly ConsentRecord[]>
  /** Adds to what was allowed before; it goes on counting from the day of the first. */
  grant(
    sub: string,
    clientId: string,
    allowed: { readonly permissions: readonly string[]; readonly details?: readonly AuthorizationDetail[] },
    now: number,
  ): Promise<void>
  /**
   * Takes the consent away and ends every family that the client holds for this person, with the codes and approvals that
   * were to become one; the log tells of each family. A logout token for the client is queued for every session of the
   * person, living or of those families, in which it was noted. @spec RFC 7009 §2.1; RFC 9700 §4.14.2
   */
  withdraw(sub: string, clientId: string, now: number): Promise<Withdrawal>
}
