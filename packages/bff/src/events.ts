/** Everything worth a log line; never a token, a secret or a cookie. `session` is the stored hash. */
export type BffEvent =
  | { readonly type: 'signed_in'; readonly session: string; readonly sub: string }
  | { readonly type: 'sign_in_failed'; readonly code: string; readonly cause: unknown }
  | { readonly type: 'signed_out'; readonly session: string }
  | {
      readonly type: 'session_ended'
      readonly session: string
      readonly because: 'refresh_rejected' | 'backchannel' | 'revoked' | 'limit'
    }
  | { readonly type: 'backchannel_refused'; readonly cause: unknown }
  | { readonly type: 'session_unreadable'; readonly session: string; readonly cause: unknown }
  | { readonly type: 'tokens_renewed'; readonly session: string; readonly renewals: number }
  | { readonly type: 'renewal_failed'; readonly session: string; readonly cause: unknown }
  /** Another process was renewing this session's tokens meanwhile. */
  | { readonly type: 'renewal_waited'; readonly session: string; readonly seconds: number }
  /** The process that was renewing fell silent, and this one renews instead. */
  | { readonly type: 'lease_taken_over'; readonly session: string }
  | { readonly type: 'revocation_failed'; readonly session: string; readonly cause: unknown }
  | { readonly type: 'proxy_failed'; readonly route: string; readonly cause: unknown }
  | {
      /** An API has begun its answer, `seconds` after the request arrived here. */
      readonly type: 'proxied'
      readonly route: string
      readonly method: string
      readonly status: number
      readonly kind: 'request' | 'upgrade'
      readonly seconds: number
    }
  | { readonly type: 'request_failed'; readonly cause: unknown }
