/** Seconds for which a client that does not answer is told again that a session ended. */
export const logoutTriedForSeconds = 86_400

/** One call to one client, such as a logout token on its way; survives restarts. @spec Back-Channel Logout §2.5 */
export interface LogoutDelivery {
  readonly id: string
  readonly clientId: string
  readonly sub: string
  readonly sid: string
  /** Sealed: what a client in ping mode is told instead of a logout; null for a logout token. @spec CIBA Core §10.2 */
  readonly ping: string | null
  /** How often it was tried before; each claim counts one more, so that a node that dies with it counts too. */
  readonly attempts: number
  readonly nextAttemptAt: number
  /** After this it is given up. */
  readonly expiresAt: number
}

/**
 * What is to be sent. Verbs that end sessions queue logout tokens themselves, in the same step: one for each client that was
 * noted in the session, whether it can be told or not. One that waits for the same client and session takes the new one's place.
 */
export interface LogoutDeliveryStore {
  enqueue(deliveries: readonly LogoutDelivery[]): Promise<void>
  /** Those that are due, leased to this caller: nobody else gets them before `now + leaseSeconds`. */
  claim(at: {
    readonly now: number
    readonly leaseSeconds: number
    readonly limit: number
  }): Promise<readonly LogoutDelivery[]>
  /** Delivered or given up (null), or to be tried again; without effect on a logout token that was queued anew meanwhile. */
  settle(id: string, retryAt: number | null): Promise<void>
}
