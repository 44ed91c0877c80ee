import type { IdTokenClaims } from '@latchkey/protocol'
import type { AuthConfig } from './auth-config.ts'
import type { ApiChallenge, AuthEvent } from './auth-event.ts'
import type { AuthState } from './auth-state.ts'

export type { AuthConfig, AuthConfigSource, BffAuthConfig, SecureRouteRow } from './auth-config.ts'

export interface SignInOptions {
  /** A local address to return to; default: where the person is now. */
  readonly returnTo?: string | undefined
  /** Anything that JSON can hold; `auth.appState` has it once the person is back. */
  readonly appState?: unknown
  readonly prompt?: 'none' | 'login' | 'consent' | 'select_account' | 'create' | undefined
  readonly loginHint?: string | undefined
  /** One of these has to be the `acr` of the answer. @spec OIDC Core §3.1.2.1; RFC 9470 §4 */
  readonly acrValues?: readonly string[] | undefined
  /** Seconds that the person's sign-in at the provider may be ago; checked in the answer. */
  readonly maxAgeSeconds?: number | undefined
  readonly uiLocales?: readonly string[] | undefined
  /** Instead of the configured one; `openid` is added where it is missing. */
  readonly scope?: string | undefined
  /** Further APIs beside the configured ones. @spec RFC 8707 §2 */
  readonly resource?: string | readonly string[] | undefined
  readonly extraParameters?: Readonly<Record<string, string>> | undefined
}

export interface PopupOptions extends Omit<SignInOptions, 'returnTo' | 'prompt'> {
  readonly prompt?: 'login' | 'consent' | 'select_account' | 'create' | undefined
  /** CSS pixels; default 480 × 640, in the middle of this window. */
  readonly size?: { readonly width: number; readonly height: number } | undefined
  /** Ends the wait and closes the window. */
  readonly signal?: AbortSignal | undefined
}

export interface SignOutOptions {
  /** The same as `where: 'browser'`. */
  readonly local?: boolean
  /**
   * `tab`: this tab forgets, the others go on. `browser`: every tab, nothing is sent. `everywhere`: every tab at once,
   * the refresh token revoked, and the provider's own session. Default `everywhere`.
   */
  readonly where?: 'tab' | 'browser' | 'everywhere'
  /** How the browser goes to the provider; `POST` keeps the ID token out of addresses. Default `GET`. @spec RP-Initiated Logout §2 */
  readonly method?: 'GET' | 'POST'
  /** Whether the refresh token is revoked at the provider. Default true. */
  readonly revoke?: boolean
  readonly postLogoutRedirectUri?: string
  readonly extraParameters?: Readonly<Record<string, string>>
}

/** Which access token: of which API, with which scope; default that of the configuration. */
export interface TokenTarget {
  /** @spec RFC 8707 §2.2 */
  readonly resource?: string | undefined
  /** Space-separated; narrows what was granted. @spec RFC 6749 §6 */
  readonly scope?: string | undefined
}

export interface AccessTokenOptions extends TokenTarget {
  readonly forceRenewal?: boolean | undefined
  /** The token that an API refused: where someone has renewed already, no request is made. */
  readonly rejected?: string | undefined
  /** Ends the caller's wait, never the renewal. */
  readonly signal?: AbortSignal | undefined
}

/** What one request has to carry, and to which token that belongs. */
export interface RequestToken {
  readonly accessToken: string
  readonly headers: Readonly<Record<string, string>>
}

/** The part of an API's answer that decides what happens next. */
export interface ApiAnswer {
  readonly url: string
  readonly status: number
  /** A header's value, or null. */
  header(name: string): string | null
}

/** What to do after an API's answer: nothing, the same once more (a nonce came), renew and once more, or ask the person. */
export type ApiVerdict =
  | { readonly next: 'done' | 'resend' | 'renew' }
  | { readonly next: 'challenge'; readonly challenge: ApiChallenge }

/** What a route of the table says about a request. */
export interface RouteMatch extends TokenTarget {
  /** How many path segments the row names: of several configurations the deepest is meant. */
  readonly depth: number
  readonly authentication: 'required' | 'optional'
}

/** What this tab holds. Instants are epoch seconds by our own clock. */
export interface HeldTokens {
  readonly accessToken: string
  readonly tokenType: 'Bearer' | 'DPoP'
  readonly issuedAt: number
  readonly expiresAt: number
  readonly scope: readonly string[]
  readonly idToken: string | null
  /** Null where the provider gave none, and where a worker keeps it. */
  readonly refreshToken: string | null
}

/** What the userinfo endpoint says; `sub` is checked against the ID token. @spec OIDC Core §5.3 */
export type UserInfo = Readonly<Record<string, unknown>> & { readonly sub: string }

export interface AuthFetchInit extends RequestInit, TokenTarget {
  /** `skip`: as plain `fetch`. Default: as the route table says. */
  readonly authentication?: 'skip' | 'required' | 'optional'
}

/** The whole surface that a framework adapter sees. */
export interface Auth {
  readonly config: Readonly<Required<Pick<AuthConfig, 'configId' | 'issuer' | 'clientId'>>> & AuthConfig
  readonly state: AuthState
  /** What `signIn({ appState })` was given, once the sign-in that this page completed is back; else undefined. */
  readonly appState: unknown
  subscribe(listener: (state: AuthState) => void): () => void
  /** Hears everything that happens; returns the way out. */
  onEvent(listener: (event: AuthEvent) => void): () => void
  /**
   * Finds out who is there: completes a sign-in that just came back, looks into the storage, asks other tabs, or asks the
   * provider silently. Safe to call more than once; every caller gets the same answer.
   */
  start(): Promise<AuthState>
  /**
   * A current access token, renewed when needed; null when nobody is signed in. Concurrent callers share one renewal.
   * @throws ProtocolError `unreachable` (retryable) when it expired and cannot be renewed for now; `token_not_in_browser` in mode `bff`.
   */
  getAccessToken(options?: AccessTokenOptions): Promise<string | null>
  /** The access token in memory while it is valid; never waits, never renews. */
  peekAccessToken(target?: TokenTarget): string | null
  getIdToken(): string | null
  /** What is in memory of the configured API's tokens, expired or not; null when nobody is signed in. */
  getTokens(): HeldTokens | null
  /** What a request needs to carry; null when nobody is signed in. DPoP proofs are fresh at every call. */
  requestToken(request: { url: string; method: string }, options?: AccessTokenOptions): Promise<RequestToken | null>
  /** Judges an API's answer to a request that carried a token, and keeps its DPoP nonce. */
  judge(answer: ApiAnswer): ApiVerdict
  /**
   * Claims from the userinfo endpoint, of the very person of the ID token; null when nobody is signed in.
   * @throws ProtocolError `response_invalid` when it speaks of another person, or the provider has no such endpoint.
   */
  fetchUserInfo(options?: { readonly signal?: AbortSignal }): Promise<UserInfo | null>
  /** `fetch` with the token on secure routes, one renewal and one replay on 401. */
  fetch(input: string | URL | Request, init?: AuthFetchInit): Promise<Response>
  /** Whether a token may go to this address. */
  isSecureRoute(url: string, method?: string): boolean
  /** The most specific row for this request, or null. */
  routeFor(url: string, method?: string): RouteMatch | null
  signIn(options?: SignInOptions): Promise<void>
  /**
   * Signs in in a window of its own; call it in the person's gesture. Needs the part `popup()`.
   * @throws ProtocolError `popup_blocked`, `popup_closed`, or whatever the sign-in failed with.
   */
  signInWithPopup(options?: PopupOptions): Promise<AuthState>
  /**
   * Asks the provider in a hidden frame whether it knows the person; needs the part `silentSignIn()`. False when it does not.
   */
  signInSilently(options?: SignInOptions): Promise<boolean>
  /** Signs in again the way an API asked for. @spec RFC 9470 §4 */
  answerChallenge(challenge: ApiChallenge, how?: 'redirect' | 'popup'): Promise<void>
  /** The address that `signIn` would go to; what has to come back is remembered. */
  getAuthorizeUrl(options?: SignInOptions): Promise<string>
  /** The address that ends the provider's session, or null where there is none. */
  getEndSessionUrl(options?: SignOutOptions): Promise<string | null>
  /** Ends the session. */
  signOut(options?: SignOutOptions): Promise<void>
  /** Revokes at the provider. @spec RFC 7009 §2.1 */
  revoke(kind: 'access_token' | 'refresh_token', token?: string): Promise<void>
  /** Ends timers, channels and workers of this page; the session stays. */
  dispose(): void
}

/** The claims of whoever is signed in. */
export type { IdTokenClaims }
