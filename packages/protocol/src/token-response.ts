import type { ActorClaim } from './access-token-claims.ts'
import type { AuthorizationDetail } from './authorization-details.ts'

/** The wire form of a token endpoint's answer. @spec RFC 6749 §5.1; OIDC Core §3.1.3.3 */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  /** Seconds. */
  readonly expires_in: number
  readonly refresh_token?: string
  readonly id_token?: string
  readonly scope?: string
  /** @spec RFC 8693 §2.2.1 */
  readonly issued_token_type?: string
  /** @spec RFC 9396 §7 */
  readonly authorization_details?: readonly AuthorizationDetail[]
}

/** @spec RFC 7662 §2.2 */
export interface IntrospectionResponse {
  readonly active: boolean
  readonly scope?: string
  readonly client_id?: string
  readonly username?: string
  readonly token_type?: 'Bearer' | 'DPoP'
  /** Epoch seconds. */
  readonly exp?: number
  readonly iat?: number
  readonly nbf?: number
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly iss?: string
  readonly jti?: string
  /** @spec RFC 8693 §4.1 */
  readonly act?: ActorClaim
  /** @spec RFC 9396 §9.2 */
  readonly authorization_details?: readonly AuthorizationDetail[]
}
