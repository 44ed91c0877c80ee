import { computed, inject, type Signal } from '@angular/core'
import { type Auth, type AuthState, ConfigError, type IdTokenClaims, ProtocolError } from '@latchkey/browser'
import { combineLatest, defer, distinctUntilChanged, filter, map, type Observable } from 'rxjs'
import { AUTH_CLIENTS } from './auth-clients.ts'
import { asTexts } from './auth-config.ts'
import type * as Results from './auth-results.ts'
import { AUTH_STATES } from './auth-states.ts'
import { checkAuth, known, loginResponse } from './check-auth.ts'
import { inRoot } from './in-root.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'
import { PAGE_ADDRESS } from './page-address.ts'
import { providerMetadata } from './provider-metadata.ts'
import { EventTypes, PublicEventsService } from './public-events.ts'
import { authenticatedResult, isKnown, pendingAuthenticatedResult, userDataResult } from './results-of-states.ts'
import { leaveForSignIn, leaveForSignOut, toSignInOptions, toSignOutOptions } from './sign-in-options.ts'
import { authResultOf, payload } from './token-payload.ts'
import { surfaceOf, USER_DATA } from './user-data.ts'

/**
 * Sign-in, tokens and sign-out. Every Observable does its work when it is subscribed to, and waits for configurations that
 * are still being loaded. Where `configId` is left out, the first configuration is meant.
 */
export class OidcSecurityService {
  static readonly ɵprov: unknown = inRoot(OidcSecurityService)

  readonly #clients = inject(AUTH_CLIENTS)
  readonly #states = inject(AUTH_STATES)
  readonly #people = inject(USER_DATA)
  readonly #events = inject(PublicEventsService)
  readonly #address = inject(PAGE_ADDRESS)
  readonly #given = new Map<string, string>()

  /** What is known of the person, for the first configuration. */
  readonly state: Signal<AuthState> = computed(() => this.#states.states()?.[0] ?? { status: 'unknown' })
  readonly state$: Observable<AuthState> = this.#states.of(() => this.#clients.get())

  /** Undefined inside until every configuration is known; never a premature false. */
  readonly authenticated: Signal<Results.PendingAuthenticatedResult> = computed(() => {
    const states = this.#states.states()
    if (states === null) return { isAuthenticated: undefined, allConfigsAuthenticated: [] }
    return pendingAuthenticatedResult(this.#clients.all, states)
  })
  /** Emits once every configuration is known, and on every change after that. */
  readonly isAuthenticated$: Observable<Results.AuthenticatedResult> = this.#whenKnown((states) =>
    authenticatedResult(this.#clients.all, states),
  )

  readonly userData: Signal<Results.UserDataResult> = computed(() => {
    this.#people.version()
    this.#states.states()
    return userDataResult(this.#clients.all, this.#people.of)
  })
  /** Emits once every configuration is known, and whenever somebody's claims change after that. */
  readonly userData$: Observable<Results.UserDataResult> = this.#whenKnown(() =>
    userDataResult(this.#clients.all, this.#people.of),
  )

  /** Emits true when the provider says that its session has changed; needs `startCheckSession`. */
  readonly checkSessionChanged$: Observable<boolean> = this.#states.events$.pipe(
    filter(({ event }) => event.type === 'session-changed'),
    map(() => true),
  )
  /** Emits when a sign-in that came back was completed, or failed. */
  readonly stsCallback$: Observable<void> = this.#states.events$.pipe(
    filter(({ event }) => event.type === 'sign-in-failed' || (event.type === 'signed-in' && event.by === 'redirect')),
    map(() => undefined),
  )

  /** The browser core of a configuration, with its whole surface. @throws ConfigError when there is none of that name. */
  auth(configId?: string): Auth {
    return this.#clients.get(configId)
  }

  /** The configuration as it was given; null when there is none of that name. */
  getConfiguration(configId?: string): Observable<OpenIdConfiguration | null> {
    return defer(async () => {
      await this.#clients.ready
      return this.getConfigurations().find((one) => configId === undefined || one.configId === configId) ?? null
    })
  }

  getConfigurations(): readonly OpenIdConfiguration[] {
    return this.#clients.all.map((auth) => surfaceOf(auth) as OpenIdConfiguration)
  }

  /** Fetches the provider's metadata ahead of the first sign-in. @spec OIDC Discovery §4 */
  preloadAuthWellKnownDocument(configId?: string): Observable<Results.AuthWellKnownEndpoints> {
    return this.#with(configId, providerMetadata)
  }

  /** Completes a sign-in that came back, or finds out silently who is there. A failure is told in `errorMessage`. */
  checkAuth(url?: string, configId?: string): Observable<Results.LoginResponse> {
    return this.#with(configId, (auth) => this.#address.follow(url, () => this.#check(auth)))
  }

  /** `checkAuth` for every configuration. */
  checkAuthMultiple(url?: string): Observable<Results.LoginResponse[]> {
    const all = () => Promise.all(this.#clients.all.map((auth) => this.#check(auth)))
    return this.#with(undefined, () => this.#address.follow(url, all))
  }

  /** The same as `checkAuth`, which asks the provider anyway. */
  checkAuthIncludingServer(configId?: string): Observable<Results.LoginResponse> {
    return this.checkAuth(undefined, configId)
  }

  /** Whether the person of this configuration is signed in; waits until that is known. */
  isAuthenticated(configId?: string): Observable<boolean> {
    return this.#with(configId, async (auth) => (await known(auth)).status === 'authenticated')
  }

  /** The checked claims of the ID token, with `autoUserInfo` those of the userinfo endpoint; waits until that is known. */
  getUserData(configId?: string): Observable<IdTokenClaims | null> {
    return this.#with(configId, async (auth) => {
      await known(auth)
      await this.#people.look(auth)
      return this.#people.of(auth)
    })
  }

  /** A current access token, renewed first when needed; empty when nobody is signed in. */
  getAccessToken(configId?: string): Observable<string> {
    return this.#with(configId, async (auth) => (await auth.getAccessToken()) ?? '')
  }

  /** The access token in memory while it is valid, else empty; for older synchronous callers, as it never renews. */
  getToken(configId?: string): string {
    return this.auth(configId).peekAccessToken() ?? ''
  }

  /** A current access token. Errors with `not_signed_in` when nobody is signed in. */
  getTokenSilently$(options: Results.GetTokenOptions = {}): Observable<string> {
    const { configId, ignoreCache = false, ...target } = options
    return this.#with(configId, async (auth) => {
      const accessToken = await auth.getAccessToken({ ...target, forceRenewal: ignoreCache })
      if (accessToken !== null) return accessToken
      throw new ProtocolError('not_signed_in', 'Nobody is signed in: call authorize() first')
    })
  }

  /** The ID token; empty when nobody is signed in. */
  getIdToken(configId?: string): Observable<string> {
    return this.#with(configId, async (auth) => auth.getIdToken() ?? '')
  }

  /** The refresh token; empty where there is none, and where a worker or a BFF keeps it. */
  getRefreshToken(configId?: string): Observable<string> {
    return this.#with(configId, async (auth) => auth.getTokens()?.refreshToken ?? '')
  }

  /** What the token endpoint gave last; null when nobody is signed in. */
  getAuthenticationResult(configId?: string): Observable<Results.AuthResult | null> {
    return this.#with(configId, async (auth) => authResultOf(auth))
  }

  /** The claims of the ID token, or with `encode` the part of it that holds them, in base64url. */
  getPayloadFromIdToken(encode = false, configId?: string): Observable<unknown> {
    return this.#with(configId, async (auth) => payload(auth.getIdToken(), encode))
  }

  /** The same of an access token that is a JWT; null for an opaque one. Nothing in it is checked: it is the API's. */
  getPayloadFromAccessToken(encode = false, configId?: string): Observable<unknown> {
    return this.#with(configId, async (auth) => payload(auth.peekAccessToken(), encode))
  }

  /** Application state for the next sign-in; `getState` has it once the person is back. */
  setState(state: string, configId?: string): Observable<boolean> {
    return this.#with(configId, async (auth) => {
      this.#given.set(auth.config.configId, state)
      return true
    })
  }

  getState(configId?: string): Observable<string> {
    return this.#with(configId, async (auth) => {
      const { appState } = auth
      return this.#given.get(auth.config.configId) ?? (typeof appState === 'string' ? appState : '')
    })
  }

  /** Leaves for the provider's sign-in. Resolves when the browser is on its way. */
  async authorize(configId?: string, options: Results.AuthOptions = {}): Promise<void> {
    await this.#clients.ready
    const auth = this.auth(configId)
    await leaveForSignIn(auth, options, this.#given.get(auth.config.configId))
  }

  /** Signs in in a window of its own; subscribe in the person's gesture. Needs `popup()` among the `parts`. */
  authorizeWithPopUp(
    options: Results.AuthOptions = {},
    { width = 480, height = 640 }: Results.PopupOptions = {},
    configId?: string,
  ): Observable<Results.LoginResponse> {
    // No wait before the window opens: browsers would take it for an advertisement.
    return defer(async () => {
      const auth = this.auth(configId)
      const { returnTo: _, prompt, ...told } = toSignInOptions(auth, options, undefined)
      const asked = prompt === undefined || prompt === 'none' ? {} : { prompt }
      await auth.signInWithPopup({ ...told, ...asked, size: { width, height } })
      return loginResponse(auth, this.#people)
    })
  }

  /** The address that `authorize` would go to. */
  getAuthorizeUrl(customParams?: Results.Parameters, configId?: string): Observable<string> {
    return this.#with(configId, (auth) =>
      auth.getAuthorizeUrl(toSignInOptions(auth, customParams === undefined ? {} : { customParams }, undefined)),
    )
  }

  /** The address that ends the provider's session; null where there is none. */
  getEndSessionUrl(customParams?: Results.Parameters, configId?: string): Observable<string | null> {
    return this.#with(configId, (auth) =>
      auth.getEndSessionUrl(toSignOutOptions(auth, customParams === undefined ? {} : { customParams })),
    )
  }

  /** Renews now, whether or not the access token is still valid. Further parameters of a renewal are refused. */
  forceRefreshSession(customParams?: Results.Parameters, configId?: string): Observable<Results.LoginResponse> {
    return this.#with(configId, (auth) => {
      const refused = Object.keys(asTexts(customParams))
      if (refused.length > 0) {
        throw new ConfigError([`forceRefreshSession: a renewal takes no further parameters (${refused.join(', ')})`])
      }
      return loginResponse(auth, this.#people, { forceRenewal: true })
    })
  }

  /** Revokes this access token, or the current one, at the provider. @spec RFC 7009 §2.1 */
  revokeAccessToken(accessToken?: string, configId?: string): Observable<void> {
    return this.#with(configId, (auth) => auth.revoke('access_token', accessToken))
  }

  /** Revokes this refresh token, or the current one and with it the session, at the provider. @spec RFC 7009 §2.1 */
  revokeRefreshToken(refreshToken?: string, configId?: string): Observable<void> {
    return this.#with(configId, (auth) => auth.revoke('refresh_token', refreshToken))
  }

  /** Ends the session here, in every tab and at the provider. @spec OIDC RP-Initiated Logout §2 */
  logoff(configId?: string, options: Results.LogoutAuthOptions = {}): Observable<void> {
    return this.#with(configId, (auth) => leaveForSignOut(auth, options))
  }

  /** The same as `logoff`, which revokes the tokens anyway. */
  logoffAndRevokeTokens(configId?: string, options: Results.LogoutAuthOptions = {}): Observable<void> {
    return this.logoff(configId, options)
  }

  /** Ends the session in this browser only; the provider's goes on. */
  async logoffLocal(configId?: string): Promise<void> {
    await this.auth(configId).signOut({ where: 'browser' })
  }

  /** `logoffLocal` for every configuration. */
  async logoffLocalMultiple(): Promise<void> {
    await Promise.all(this.#clients.all.map((auth) => auth.signOut({ where: 'browser' })))
  }

  async #check(auth: Auth): Promise<Results.LoginResponse> {
    this.#events.fireEvent(EventTypes.CheckingAuth)
    const response = await checkAuth(auth, this.#people)
    const { errorMessage } = response
    if (errorMessage === undefined) this.#events.fireEvent(EventTypes.CheckingAuthFinished)
    else this.#events.fireEvent(EventTypes.CheckingAuthFinishedWithError, errorMessage)
    return response
  }

  #with<T>(configId: string | undefined, work: (auth: Auth) => Promise<T>): Observable<T> {
    return defer(async () => {
      await this.#clients.ready
      return work(this.auth(configId))
    })
  }

  #whenKnown<T>(result: (states: readonly AuthState[]) => T): Observable<T> {
    return combineLatest([this.#states.states$, this.#people.changes$]).pipe(
      filter(([states]) => isKnown(states)),
      map(([states]) => result(states)),
      distinctUntilChanged((before, after) => JSON.stringify(before) === JSON.stringify(after)),
    )
  }
}
