import type { IdTokenClaims } from '@latchkey/protocol'

/** What a holder of tokens holds. Instants are epoch seconds by our own clock. */
export interface TokenSet {
  readonly accessToken: string
  readonly tokenType: 'Bearer' | 'DPoP'
  /** When the access token was received. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly scope: readonly string[]
  readonly refreshToken: string | null
  readonly idToken: string | null
  readonly claims: IdTokenClaims | null
  /** How often this session was renewed. */
  readonly renewals: number
}
