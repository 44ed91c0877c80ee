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

export interface ProtocolErrorOptions {
  readonly cause?: unknown
  /** The `error` that the peer sent, where it sent one. */
  readonly oauthError?: string
  /** Whether the same call may succeed later without a person doing anything. */
  readonly retryable?: boolean
  /** Seconds the peer asked us to wait. */
  readonly retryAfterSeconds?: number
}

/** The peer's fault (state mismatch, bad ID token, unreachable): thrown to our caller, never sent. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode
  readonly oauthError: string | undefined
  readonly retryable: boolean
  readonly retryAfterSeconds: number | undefined

  constructor(code: ProtocolErrorCode, message: string, options: ProtocolErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.oauthError = options.oauthError
    this.retryable = options.retryable ?? false
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
