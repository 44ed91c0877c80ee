import type { IdTokenClaims } from '@latchkey/protocol'

export type SignedOutReason = 'expired' | 'revoked' | 'signed-out' | 'signed-out-elsewhere'

/** What is known of the person in front of the page. */
export type AuthState =
  | { readonly status: 'unknown' }
  | { readonly status: 'anonymous'; readonly because?: SignedOutReason }
  | {
      readonly status: 'authenticated'
      readonly claims: IdTokenClaims
      /** Epoch seconds. */
      readonly issuedAt: number
      readonly expiresAt: number
      readonly renewals: number
    }
