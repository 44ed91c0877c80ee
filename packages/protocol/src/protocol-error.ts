export type ProtocolErrorCode =
  | 'state_mismatch'
  | 'transaction_expired'
  | 'issuer_mismatch'
  | 'nonce_mismatch'
  | 'id_token_invalid'
  | 'response_invalid'
  | 'discovery_failed'
  | 'token_invalid'
  | 'keys_unavailable'
  | 'authorization_failed'
  | 'refresh_rejected'
  | 'unreachable'
  | 'not_signed_in'
  | 'session_unreadable'
  | 'authentication_insufficient'
  | 'scope_insufficient'
  | 'popup_blocked'
  | 'popup_closed'
  | 'token_not_in_browser'

/** What helps: the same call later, a sign-in, the person (who closed or blocked something), or whoever set this up. */
export type ProtocolRemedy = 'retry' | 'sign_in' | 'ask_person' | 'fix_setup'

export interface ProtocolErrorOptions {
  readonly cause?: unknown
  /** The `error` that the peer sent, where it sent one. */
  readonly oauthError?: string | undefined
  /** Whether the same call may succeed later without a person doing anything. */
  readonly retryable?: boolean | undefined
  /** Seconds the peer asked us to wait. */
  readonly retryAfterSeconds?: number | undefined
}

/** The peer's fault (state mismatch, bad ID token, unreachable): thrown to our caller, never sent. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  declare readonly code: ProtocolErrorCode
  declare readonly oauthError: string | undefined
  declare readonly retryable: boolean
  declare readonly retryAfterSeconds: number | undefined

  constructor(code: ProtocolErrorCode, message: string, options: ProtocolErrorOptions = {}) {
    super(message, options)
    Object.assign(this, { code, retryable: false }, options)
  }

  /** What to do about it, to branch on; the message says it in words. */
  get remedy(): ProtocolRemedy {
    if (this.retryable) return 'retry'
    if (/^popup/.test(this.code)) return 'ask_person'
    // What no person and no repetition mends.
    return /^(discovery|issuer|keys|token|unreach)|invalid/.test(this.code) ? 'fix_setup' : 'sign_in'
  }
}

/** What a caught error, whatever it is, says of itself in the terms of a `ProtocolError`. */
export function ofProtocol(error: unknown): Partial<ProtocolError> {
  return Object(error)
}
