/** The payload of a JWT access token. Instants are epoch seconds. @spec RFC 9068 §2.2 */
export interface AccessTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly iat: number
  readonly jti: string
  readonly client_id: string
  readonly nbf?: number
  readonly scope?: string
  readonly auth_time?: number
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly sid?: string
  readonly act?: ActorClaim
  readonly cnf?: { readonly jkt?: string; readonly 'x5t#S256'?: string }
  /** @spec Token Status List §6.1 */
  readonly status?: unknown
  readonly [claim: string]: unknown
}

/** Who acts for the subject, and who acted before. @spec RFC 8693 §4.1 */
export interface ActorClaim {
  readonly sub: string
  readonly iss?: string
  readonly client_id?: string
  readonly act?: ActorClaim
}

/** `typ` of a JWT access token. @spec RFC 9068 §2.1 */
export const accessTokenType = 'at+jwt'
