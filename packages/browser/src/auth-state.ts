import type { IdTokenClaims } from '@latchkey/protocol'

export type SignedOutReason = 'expired' | 'revoked' | 'signed-out' | 'signed-out-elsewhere'

/** What is known of the person in front of the page. */
export type AuthState =
  /** Nobody has been asked yet, or nobody could be asked. */
  | { readonly status: 'unknown'; readonly because?: 'unreachable' }
  | { readonly status: 'anonymous'; readonly because?: SignedOutReason | undefined }
  | {
      readonly status: 'authenticated'
      readonly claims: IdTokenClaims
      /** Epoch seconds. */
      readonly issuedAt: number
      readonly expiresAt: number
      readonly renewals: number
    }
