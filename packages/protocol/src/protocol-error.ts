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

const bySigningIn =
  /^(state_|transaction_|refresh_rej|not_signed|session_unr|authentication_|scope_|authorization_f|nonce_)/

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

  /** What to do about it, to branch on; the message says it in words. */
  get remedy(): ProtocolRemedy {
    if (this.retryable) return 'retry'
    if (this.code.startsWith('popup_')) return 'ask_person'
    return bySigningIn.test(this.code) ? 'sign_in' : 'fix_setup'
  }
}
