import type { AuthState } from './auth-state.ts'

export interface AuthConfig {
  /** Names this configuration among several. */
  readonly configId?: string
  /** The provider's issuer identifier. */
  readonly issuer: string
  readonly clientId: string
  /** Where the provider sends people back to; on this page's origin. Default: the origin with a slash. */
  readonly redirectUri?: string
  /** Where the provider answers a silent sign-in: the static page `silent-callback.html`. Default: at the origin's root. */
  readonly silentRedirectUri?: string
  readonly postLogoutRedirectUri?: string
  /** Space-separated; default `openid profile email`. */
  readonly scope?: string
  /** The API that access tokens are for. @spec RFC 8707 §2 */
  readonly resource?: string
  /** URLs and paths that tokens go to: an exact origin and whole path segments. */
  readonly secureRoutes?: readonly string[]
  /** Renew by a timer this many seconds before expiry; 0 renews only when a token is asked for. */
  readonly renewBeforeExpirySeconds?: number
  /** Further parameters of the authorization request. */
  readonly extraParameters?: Readonly<Record<string, string>>
}

export interface SignInOptions {
  /** A local address to return to; default: where the person is now. */
  readonly returnTo?: string
  readonly prompt?: 'none' | 'login' | 'consent' | 'select_account'
  readonly loginHint?: string
  readonly extraParameters?: Readonly<Record<string, string>>
}

/** The whole surface that a framework adapter sees. */
export interface Auth {
  readonly config: Readonly<Required<Pick<AuthConfig, 'configId' | 'issuer' | 'clientId'>>> & AuthConfig
  readonly state: AuthState
  subscribe(listener: (state: AuthState) => void): () => void
  /**
   * Finds out who is there: completes a sign-in that just came back, asks other tabs, or asks the provider silently.
   * Safe to call more than once; every caller gets the same answer.
   */
  start(): Promise<AuthState>
  /** A current access token, renewed when needed; null when nobody is signed in. Concurrent callers share one renewal. */
  getAccessToken(options?: { forceRenewal?: boolean; rejected?: string; signal?: AbortSignal }): Promise<string | null>
  /** The access token in memory while it is valid; never waits, never renews. */
  peekAccessToken(): string | null
  getIdToken(): string | null
  /** `fetch` with the token on secure routes, one renewal and one replay on 401. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** Whether a token may go to this address. */
  isSecureRoute(url: string): boolean
  signIn(options?: SignInOptions): Promise<void>
  /** Ends the session here, in every tab and at the provider. */
  signOut(options?: { local?: boolean }): Promise<void>
  /** Revokes at the provider. @spec RFC 7009 §2.1 */
  revoke(kind: 'access_token' | 'refresh_token', token?: string): Promise<void>
  /** Ends timers and channels of this page; the session stays. */
  dispose(): void
}
