import type { IdTokenClaims, SignInOptions } from '@latchkey/browser'

export interface LoginResponse {
  readonly isAuthenticated: boolean
  readonly userData: IdTokenClaims | null
  /** Empty when nobody is signed in. */
  readonly accessToken: string
  /** Empty when nobody is signed in. */
  readonly idToken: string
  readonly configId: string
  /** Why a sign-in that came back, or a renewal, failed. */
  readonly errorMessage?: string
}

/** What `authorize` and its kin may be told. */
export interface AuthOptions extends Omit<SignInOptions, 'extraParameters'> {
  /** Further parameters of this authorization request. */
  readonly customParams?: Parameters
  /** Goes to the provider in place of the browser. */
  readonly urlHandler?: (url: string) => void
}

export interface LogoutAuthOptions {
  /** Further parameters of the request that ends the provider's session. */
  readonly customParams?: Parameters
  /** Goes to the provider in place of the browser. */
  readonly urlHandler?: (url: string) => void
  /** `POST` keeps the ID token out of addresses. Default `GET`. @spec RP-Initiated Logout §2 */
  readonly logoffMethod?: 'GET' | 'POST'
}

/** CSS pixels; default 480 × 640, in the middle of this window. */
export interface PopupOptions {
  readonly width?: number
  readonly height?: number
}

export interface GetTokenOptions {
  readonly configId?: string
  /** Renews even when the current token is still valid. */
  readonly ignoreCache?: boolean
  /** @spec RFC 8707 §2.2 */
  readonly resource?: string
  /** Space-separated; narrows what was granted. */
  readonly scope?: string
}

/** What the token endpoint gave last, in its own names. @spec RFC 6749 §5.1 */
export interface AuthResult {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  /** Seconds from its issue. */
  readonly expires_in: number
  readonly scope: string
  readonly id_token?: string
  readonly refresh_token?: string
}

/** The provider's metadata in the names that Angular developers know. @spec OIDC Discovery §3 */
export interface AuthWellKnownEndpoints {
  readonly issuer: string
  readonly jwksUri?: string
  readonly authorizationEndpoint?: string
  readonly tokenEndpoint?: string
  readonly userInfoEndpoint?: string
  readonly endSessionEndpoint?: string
  readonly checkSessionIframe?: string
  readonly revocationEndpoint?: string
  readonly introspectionEndpoint?: string
  readonly parEndpoint?: string
}

export type Parameters = Readonly<Record<string, string | number | boolean>>

export interface ConfigAuthenticatedResult {
  readonly configId: string
  readonly isAuthenticated: boolean
}

/** `isAuthenticated` is true when every configuration is signed in. */
export interface AuthenticatedResult {
  readonly isAuthenticated: boolean
  readonly allConfigsAuthenticated: readonly ConfigAuthenticatedResult[]
}

export interface ConfigUserDataResult {
  readonly configId: string
  readonly userData: IdTokenClaims | null
}

/** `userData` is that of the only configuration; null with several, as their people may differ. */
export interface UserDataResult {
  readonly userData: IdTokenClaims | null
  readonly allUserData: readonly ConfigUserDataResult[]
}

/** What a signal says while nobody knows yet: undefined, never a premature false. */
export interface PendingAuthenticatedResult {
  readonly isAuthenticated: boolean | undefined
  readonly allConfigsAuthenticated: readonly {
    readonly configId: string
    readonly isAuthenticated: boolean | undefined
  }[]
}
