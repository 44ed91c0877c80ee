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
}
