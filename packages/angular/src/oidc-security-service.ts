import { computed, inject, type Signal, ɵɵdefineInjectable } from '@angular/core'
import {
  type Auth,
  type AuthState,
  ConfigError,
  type IdTokenClaims,
  ProtocolError,
  type SignInOptions,
} from '@latchkey/browser'
import { defer, distinctUntilChanged, filter, map, type Observable, of } from 'rxjs'
import { AUTH_CLIENTS } from './auth-clients.ts'
import {
  type AuthenticatedResult,
  authenticatedResult,
  isKnown,
  type LoginResponse,
  type PendingAuthenticatedResult,
  pendingAuthenticatedResult,
  type UserDataResult,
  userDataOf,
  userDataResult,
} from './auth-results.ts'
import { AUTH_STATES } from './auth-states.ts'
import { checkAuth, loginResponse } from './check-auth.ts'
import { PAGE_ADDRESS } from './page-address.ts'

export interface AuthOptions extends Omit<SignInOptions, 'extraParameters'> {
  /** Further parameters of this authorization request. */
  readonly customParams?: Readonly<Record<string, string | number | boolean>>
}

export interface GetTokenOptions {
  readonly configId?: string
  /** Renews even when the current token is still valid. */
  readonly ignoreCache?: boolean
}

/** Sign-in, tokens and sign-out. Every Observable does its work when it is subscribed to. */
export class OidcSecurityService {
  static readonly ɵprov: unknown = ɵɵdefineInjectable({
    token: OidcSecurityService,
    providedIn: 'root',
    factory: () => new OidcSecurityService(),
  })

  readonly #clients = inject(AUTH_CLIENTS)
  readonly #states = inject(AUTH_STATES)
  readonly #address = inject(PAGE_ADDRESS)

  /** What is known of the person, for the first configuration. */
  readonly state: Signal<AuthState> = computed(() => this.#states.states()[0] ?? { status: 'unknown' })
  readonly state$: Observable<AuthState> = this.#states.of(this.#clients.get())

  /** Undefined inside until every configuration is known; never a premature false. */
  readonly authenticated: Signal<PendingAuthenticatedResult> = computed(() =>
    pendingAuthenticatedResult(this.#clients.all, this.#states.states()),
  )
  /** Emits once every configuration is known, and on every change after that. */
  readonly isAuthenticated$: Observable<AuthenticatedResult> = this.#whenKnown(authenticatedResult)

  readonly userData: Signal<UserDataResult> = computed(() => userDataResult(this.#clients.all, this.#states.states()))
  /** Emits once every configuration is known, and whenever somebody's claims change after that. */
  readonly userData$: Observable<UserDataResult> = this.#whenKnown(userDataResult)

  /** The browser core of a configuration, with its whole surface. */
  auth(configId?: string): Auth {
    return this.#clients.get(configId)
  }

  /** Completes a sign-in that came back, or finds out silently who is there. A failure is told in `errorMessage`. */
  checkAuth(url?: string, configId?: string): Observable<LoginResponse> {
    return defer(() => this.#address.follow(url, () => checkAuth(this.auth(configId))))
  }

  /** `checkAuth` for every configuration. */
  checkAuthMultiple(url?: string): Observable<LoginResponse[]> {
    return defer(() => this.#address.follow(url, () => Promise.all(this.#clients.all.map(checkAuth))))
  }

  /** The same as `checkAuth`, which asks the provider anyway. */
  checkAuthIncludingServer(configId?: string): Observable<LoginResponse> {
    return this.checkAuth(undefined, configId)
  }

  /** Whether the person of this configuration is signed in; waits until that is known. */
  isAuthenticated(configId?: string): Observable<boolean> {
    return defer(() => this.auth(configId).start()).pipe(map((state) => state.status === 'authenticated'))
  }

  /** The checked claims of the ID token, or null; waits until that is known. */
  getUserData(configId?: string): Observable<IdTokenClaims | null> {
    return defer(() => this.auth(configId).start()).pipe(map(userDataOf))
  }

  /** A current access token, renewed first when needed; empty when nobody is signed in. */
  getAccessToken(configId?: string): Observable<string> {
    return defer(() => this.auth(configId).getAccessToken()).pipe(map((accessToken) => accessToken ?? ''))
  }

  /** The access token in memory while it is valid, else empty; for older synchronous callers, as it never renews. */
  getToken(configId?: string): string {
    return this.auth(configId).peekAccessToken() ?? ''
  }

  /** The ID token; empty when nobody is signed in. */
  getIdToken(configId?: string): Observable<string> {
    return defer(() => of(this.auth(configId).getIdToken() ?? ''))
  }

  /** The checked claims of the ID token. */
  getPayloadFromIdToken(configId?: string): Observable<IdTokenClaims | null> {
    return this.getUserData(configId)
  }

  /** A current access token. Errors with `not_signed_in` when nobody is signed in. */
  getTokenSilently$(options: GetTokenOptions = {}): Observable<string> {
    const auth = this.auth(options.configId)
    return defer(() => auth.getAccessToken({ forceRenewal: options.ignoreCache === true })).pipe(
      map((accessToken) => {
        if (accessToken !== null) return accessToken
        throw new ProtocolError('not_signed_in', 'Nobody is signed in: call authorize() first')
      }),
    )
  }

  /** Renews now, whether or not the access token is still valid. Further parameters of a renewal are refused. */
  forceRefreshSession(customParams?: Readonly<Record<string, never>>, configId?: string): Observable<LoginResponse> {
    return defer(async () => {
      const refused = Object.keys(customParams ?? {})
      if (refused.length > 0) {
        throw new ConfigError([`forceRefreshSession: a renewal takes no further parameters (${refused.join(', ')})`])
      }
      const auth = this.auth(configId)
      return loginResponse(auth, await auth.getAccessToken({ forceRenewal: true }))
    })
  }

  /** Leaves for the provider's sign-in. Resolves when the browser is on its way. */
  authorize(configId?: string, options: AuthOptions = {}): Promise<void> {
    const { customParams, ...rest } = options
    if (customParams === undefined) return this.auth(configId).signIn(rest)
    const extraParameters = Object.fromEntries(
      Object.entries(customParams).map(([name, value]) => [name, String(value)]),
    )
    return this.auth(configId).signIn({ ...rest, extraParameters })
  }

  /** Revokes this access token, or the current one, at the provider. @spec RFC 7009 §2.1 */
  revokeAccessToken(accessToken?: string, configId?: string): Observable<void> {
    return defer(() => this.auth(configId).revoke('access_token', accessToken))
  }

  /** Revokes this refresh token, or the current one and with it the session, at the provider. @spec RFC 7009 §2.1 */
  revokeRefreshToken(refreshToken?: string, configId?: string): Observable<void> {
    return defer(() => this.auth(configId).revoke('refresh_token', refreshToken))
  }

  /** Ends the session here, in every tab and at the provider. @spec OIDC RP-Initiated Logout §2 */
  logoff(configId?: string): Observable<void> {
    return defer(() => this.auth(configId).signOut())
  }

  /** The same as `logoff`, which revokes the tokens anyway. */
  logoffAndRevokeTokens(configId?: string): Observable<void> {
    return this.logoff(configId)
  }

  /** Ends the session in this browser only; the provider's goes on. */
  logoffLocal(configId?: string): Promise<void> {
    return this.auth(configId).signOut({ local: true })
  }

  #whenKnown<T>(result: (all: readonly Auth[], states: readonly AuthState[]) => T): Observable<T> {
    return this.#states.states$.pipe(
      filter(isKnown),
      map((states) => result(this.#clients.all, states)),
      distinctUntilChanged((before, after) => JSON.stringify(before) === JSON.stringify(after)),
    )
  }
}
