import { inject, ɵɵdefineInjectable } from '@angular/core'
import { Router } from '@angular/router'
import type { AuthState, IdTokenClaims } from '@latchkey/browser'
import {
  type AuthorizationParams,
  type GetTokenSilentlyOptions,
  type LogoutOptions,
  overAuth,
  type RedirectLoginOptions,
  type TokenResponse,
} from '@latchkey/browser/auth0'
import {
  BehaviorSubject,
  combineLatest,
  defer,
  distinctUntilChanged,
  filter,
  map,
  type Observable,
  Subject,
} from 'rxjs'
import { AUTH_CLIENTS } from '../auth-clients.ts'
import { AUTH_STATES } from '../auth-states.ts'
import { PAGE_ADDRESS } from '../page-address.ts'
import { AUTH0_OPTIONS } from './provide-auth0.ts'

type Person = IdTokenClaims

/** Sign-in, tokens and sign-out in auth0-angular's words. Finds out who is there as soon as it is injected. */
export class AuthService {
  static readonly ɵprov: unknown = ɵɵdefineInjectable({
    token: AuthService,
    providedIn: 'root',
    factory: () => new AuthService(),
  })

  readonly #auth = inject(AUTH_CLIENTS).get()
  readonly #options = inject(AUTH0_OPTIONS)
  readonly #client = overAuth(this.#auth, this.#options)
  readonly #router = inject(Router, { optional: true })
  readonly #address = inject(PAGE_ADDRESS)
  readonly #state$ = inject(AUTH_STATES).of(() => this.#auth)
  readonly #isFound = new BehaviorSubject(false)
  readonly #errors = new Subject<Error>()
  readonly #appStates = new Subject<unknown>()

  /** True until it is known who is there. */
  readonly isLoading$: Observable<boolean> = this.#isFound.pipe(
    map((isFound) => !isFound),
    distinctUntilChanged(),
  )
  /** First when it is known; never a premature false. */
  readonly isAuthenticated$: Observable<boolean> = this.#known(({ status }) => status === 'authenticated')
  readonly user$: Observable<Person | null | undefined> = this.#known(claimsOf)
  readonly idTokenClaims$: Observable<(Person & { readonly __raw: string }) | null | undefined> = this.#known(
    (state) => {
      const claims = claimsOf(state)
      return claims === null ? null : { ...claims, __raw: this.#auth.getIdToken() ?? '' }
    },
  )
  /** Why signing in, or asking for a token, failed. */
  readonly error$: Observable<Error> = this.#errors.asObservable()
  /** What `loginWithRedirect({ appState })` was given, once the person is back. */
  readonly appState$: Observable<unknown> = this.#appStates.asObservable()

  constructor() {
    // Observers of the first instant hear of it, too.
    queueMicrotask(() => void this.#find())
  }

  loginWithRedirect(options?: RedirectLoginOptions): Observable<void> {
    return this.#told(() => this.#client.loginWithRedirect(options))
  }

  /** Subscribe in the person's gesture, else browsers block the window. */
  loginWithPopup(options?: { readonly authorizationParams?: AuthorizationParams }): Observable<void> {
    return this.#told(() => this.#client.loginWithPopup(options))
  }

  logout(options?: LogoutOptions): Observable<void> {
    return this.#told(() => this.#client.logout(options))
  }

  /** Errors with `login_required` when nobody is signed in. */
  getAccessTokenSilently(
    options: GetTokenSilentlyOptions & { readonly detailedResponse: true },
  ): Observable<TokenResponse>
  getAccessTokenSilently(options?: GetTokenSilentlyOptions): Observable<string>
  getAccessTokenSilently(options?: GetTokenSilentlyOptions): Observable<string | TokenResponse> {
    return this.#told<string | TokenResponse>(() => this.#client.getTokenSilently(options))
  }

  getAccessTokenWithPopup(options?: {
    readonly authorizationParams?: AuthorizationParams
  }): Observable<string | undefined> {
    return this.#told(() => this.#client.getTokenWithPopup(options))
  }

  /** Completes the sign-in of this very page's address, which happens by itself as well. */
  handleRedirectCallback(): Observable<{ readonly appState: unknown }> {
    return this.#told(() => this.#client.handleRedirectCallback())
  }

  async #find(): Promise<void> {
    try {
      await this.#address.follow(undefined, () => this.#auth.start())
      if (this.#auth.appState !== undefined) this.#appStates.next(this.#auth.appState)
    } catch (error) {
      this.#fail(error)
    }
    this.#isFound.next(true)
  }

  #fail(error: unknown): void {
    this.#errors.next(error instanceof Error ? error : new Error(String(error)))
    const { errorPath } = this.#options
    if (errorPath !== undefined) void this.#router?.navigateByUrl(errorPath)
  }

  #told<T>(work: () => Promise<T>): Observable<T> {
    return defer(async () => {
      try {
        return await work()
      } catch (error) {
        this.#errors.next(error instanceof Error ? error : new Error(String(error)))
        throw error
      }
    })
  }

  #known<T>(read: (state: AuthState) => T): Observable<T> {
    return combineLatest([this.#state$, this.#isFound]).pipe(
      filter(([, isFound]) => isFound),
      map(([state]) => read(state)),
      distinctUntilChanged((before, after) => JSON.stringify(before) === JSON.stringify(after)),
    )
  }
}

function claimsOf(state: AuthState): Person | null {
  return state.status === 'authenticated' ? state.claims : null
}
