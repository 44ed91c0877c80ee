/**
 * Every error code that can stand on the wire, with its HTTP status: one row a code.
 * @spec RFC 6749 §5.2, §4.1.2.1; RFC 6750 §3.1; RFC 7009 §2.2.1; RFC 8707 §2; OIDC Core §3.1.2.6; RFC 9449 §5; RFC 7591 §3.2.2; RFC 8628 §3.5; CIBA Core §11, §13; RFC 9101 §7; RFC 9396 §5; OIDC Unmet Authentication Requirements §2
 */
export const oauthErrorStatus = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  unsupported_response_type: 400,
  unsupported_token_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  access_denied: 403,
  authorization_pending: 400,
  slow_down: 400,
  expired_token: 400,
  unknown_user_id: 400,
  expired_login_hint_token: 400,
  invalid_binding_message: 400,
  missing_user_code: 400,
  invalid_user_code: 400,
  invalid_token: 401,
  use_dpop_nonce: 400,
  invalid_dpop_proof: 400,
  insufficient_scope: 403,
  insufficient_user_authentication: 401,
  login_required: 400,
  consent_required: 400,
  interaction_required: 400,
  account_selection_required: 400,
  unmet_authentication_requirements: 400,
  invalid_authorization_details: 400,
  invalid_request_object: 400,
  invalid_request_uri: 400,
  request_not_supported: 400,
  request_uri_not_supported: 400,
  registration_not_supported: 400,
  invalid_redirect_uri: 400,
  invalid_client_metadata: 400,
  invalid_software_statement: 400,
  unapproved_software_statement: 400,
  payload_too_large: 413,
  method_not_allowed: 405,
  not_found: 404,
  server_error: 500,
  temporarily_unavailable: 503,
} as const

export type OAuthErrorCode = keyof typeof oauthErrorStatus

export interface OAuthErrorDetails {
  /** For our log and the admin's failure page only; never sent. Never a secret. */
  readonly detail?: string
  /** The client whose request it was, where it is one of ours; for the log alone. */
  readonly clientId?: string
  readonly cause?: unknown
  /** Seconds after which a retry makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** Where the endpoint answers with another status than the table has. */
  readonly status?: number
  /** Headers that the answer carries besides, such as `DPoP-Nonce`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** This request's fault: goes to the wire as `error` and `error_description`. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: OAuthErrorCode
  readonly description: string
  readonly detail: string | undefined
  readonly clientId: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly status: number

  constructor(code: OAuthErrorCode, description: string, details: OAuthErrorDetails = {}) {
    super(`${code}: ${description}`, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.description = description
    this.detail = details.detail
    this.clientId = details.clientId
    this.retryAfterSeconds = details.retryAfterSeconds
    this.headers = details.headers ?? {}
    this.status = details.status ?? oauthErrorStatus[code]
  }

  toJSON(): { error: OAuthErrorCode; error_description: string } {
    return { error: this.code, error_description: wireDescription(this.description) }
  }
}

/** An `error_description` has neither quotation marks nor backslashes, nor anything beyond ASCII. @spec RFC 6749 §4.1.2.1, §5.2 */
export function wireDescription(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x5b\x5d-\x7e]/g, '?')
}
