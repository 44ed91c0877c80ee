/** A request that a person should hear of. @spec CIBA Core §7.1, §7.3 */
export interface BackchannelRequest {
  readonly sub: string
  readonly clientId: string
  readonly clientName: string
  readonly scope: readonly string[]
  /** What the other device shows too, so that the person can tell one request from another. */
  readonly bindingMessage: string | null
  /** Where the person decides, signed in. */
  readonly approvalUri: string
  /** Epoch seconds. */
  readonly expiresAt: number
}

/** Asking people on their own device, without a browser of the client. */
export interface CibaOptions {
  /** Tells the person, by a push message for instance; whoever opens `approvalUri` sees the request anyway. */
  readonly notify?: (request: BackchannelRequest) => void | Promise<void>
  /** Finds the person's `sub` by `login_hint`; by user name unless said otherwise. Null for nobody. */
  readonly findSub?: (loginHint: string) => string | null | Promise<string | null>
  /**
   * Judges the code that clients with `backchannel_user_code_parameter` send along (null when none came): `missing` where
   * the person has one. Ten attempts a quarter of an hour and person reach it. @spec CIBA Core §7.1
   */
  readonly checkUserCode?: (sub: string, userCode: string | null) => UserCodeVerdict | Promise<UserCodeVerdict>
}

export type UserCodeVerdict = 'right' | 'wrong' | 'missing'
