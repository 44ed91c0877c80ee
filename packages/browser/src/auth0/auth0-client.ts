import type { IdTokenClaims } from '@latchkey/protocol'
import type { Auth, SignInOptions, TokenTarget } from '../auth.ts'
import type { AuthPart } from '../auth-part.ts'
import { createAuthWithFetch } from '../create-auth-with-fetch.ts'
import { signOutBy } from '../page-conditions.ts'
import { dpop } from '../parts/dpop.ts'
import { popup } from '../parts/popup.ts'
import { idTokenSignatures } from '../parts/signatures.ts'
import { keepInLocalStorage } from '../parts/storage.ts'
import { everyBrowserPlatform } from '../platform/every-browser-platform.ts'
import type { Platform } from '../platform/platform.ts'
import { silentSignIn } from '../silent-sign-in.ts'
import { GenericError, genericError } from './auth0-error.ts'
import { type Auth0ClientOptions, type AuthorizationParams, toAuthConfig, withOpenid } from './auth0-options.ts'

export { GenericError } from './auth0-error.ts'
export { type Auth0ClientOptions, type AuthorizationParams, toAuthConfig } from './auth0-options.ts'

export interface RedirectLoginOptions {
  readonly appState?: unknown
  readonly authorizationParams?: AuthorizationParams
  /** Goes there instead of by `location.assign`. */
  readonly openUrl?: (url: string) => void | Promise<void>
}

export interface GetTokenSilentlyOptions {
  /** `off` renews in any case; `cache-only` never asks the provider. Default `on`. */
  readonly cacheMode?: 'on' | 'off' | 'cache-only'
  readonly authorizationParams?: Pick<AuthorizationParams, 'audience' | 'scope'>
  readonly detailedResponse?: boolean
  /** @deprecated The name of version 1 for `cacheMode: 'off'`. */
  readonly ignoreCache?: boolean
}

export interface TokenResponse {
  readonly access_token: string
  readonly id_token: string
  readonly expires_in: number
  readonly scope: string
}

export interface LogoutOptions {
  readonly logoutParams?: { readonly returnTo?: string; readonly federated?: boolean }
  /** `false` ends the session here alone. */
  readonly openUrl?: false | ((url: string) => void | Promise<void>)
}

/** The client that auth0-spa-js developers know, against any issuer. */
export interface Auth0Client {
  /** The core, with its whole surface. */
  readonly auth: Auth
  loginWithRedirect(options?: RedirectLoginOptions): Promise<void>
  loginWithPopup(options?: { readonly authorizationParams?: AuthorizationParams }): Promise<void>
  /** Completes the sign-in of this very page's address. */
  handleRedirectCallback(): Promise<{ readonly appState: unknown }>
  /** @throws GenericError `login_required` when nobody is signed in. */
  getTokenSilently(options: GetTokenSilentlyOptions & { readonly detailedResponse: true }): Promise<TokenResponse>
  getTokenSilently(options?: GetTokenSilentlyOptions): Promise<string>
  /** Signs in in a window first. */
  getTokenWithPopup(options?: { readonly authorizationParams?: AuthorizationParams }): Promise<string | undefined>
  getUser(): Promise<IdTokenClaims | undefined>
  getIdTokenClaims(): Promise<(IdTokenClaims & { readonly __raw: string }) | undefined>
  isAuthenticated(): Promise<boolean>
  /** Finds out who is there without asking anybody; a failure is no error. */
  checkSession(): Promise<void>
  logout(options?: LogoutOptions): Promise<void>
}

/** Makes a client and finds out who is there. @throws ConfigError with every problem at once. */
export async function createAuth0Client(options: Auth0ClientOptions, platform?: Platform): Promise<Auth0Client> {
  const client = newAuth0Client(options, platform)
  await client.checkSession()
  return client
}

/** The same without looking; `checkSession` or `handleRedirectCallback` comes later. */
export function newAuth0Client(options: Auth0ClientOptions, platform: Platform = everyBrowserPlatform()): Auth0Client {
  return overAuth(createAuthWithFetch(toAuthConfig(options, usualParts(options)), platform), options)
}

/** What of the core the known options need. */
export function usualParts(options: Pick<Auth0ClientOptions, 'cacheLocation' | 'useDpop'>): readonly AuthPart[] {
  return [
    silentSignIn(),
    popup(),
    idTokenSignatures(),
    ...(options.cacheLocation === 'localstorage' ? [keepInLocalStorage()] : []),
    ...(options.useDpop === true ? [dpop()] : []),
  ]
}

/** The known names over an `Auth` that exists already. */
export function overAuth(
  auth: Auth,
  options: Pick<Auth0ClientOptions, 'audience' | 'authorizationParams'> = {},
): Auth0Client {
  const usual = options.authorizationParams?.audience ?? options.audience
  const claims = () => (auth.state.status === 'authenticated' ? auth.state.claims : undefined)
  const known = () => auth.start().catch(() => auth.state)

  async function getTokenSilently(asked: GetTokenSilentlyOptions = {}): Promise<never> {
    const target = targetOf(asked.authorizationParams, usual)
    const cacheMode = asked.ignoreCache === true ? 'off' : (asked.cacheMode ?? 'on')
    const found =
      cacheMode === 'cache-only' ? auth.peekAccessToken(target) : await tokenFor(auth, target, cacheMode === 'off')
    if (found === null) throw new GenericError('login_required', 'Login required')
    return (asked.detailedResponse === true ? detailed(auth, found) : found) as never
  }
  const client: Auth0Client = {
    auth,
    async loginWithRedirect({ appState, authorizationParams, openUrl } = {}) {
      const asked = { ...signInOptions(authorizationParams), ...(appState === undefined ? {} : { appState }) }
      if (openUrl === undefined) await auth.signIn(asked)
      else await openUrl(await auth.getAuthorizeUrl(asked))
    },
    loginWithPopup: ({ authorizationParams } = {}) =>
      told(async () => {
        const { returnTo, prompt, ...asked } = signInOptions(authorizationParams)
        await auth.signInWithPopup({ ...asked, ...(prompt === undefined || prompt === 'none' ? {} : { prompt }) })
      }),
    handleRedirectCallback: () =>
      told(async () => {
        await auth.start()
        return { appState: auth.appState }
      }),
    getTokenSilently: (asked?: GetTokenSilentlyOptions) => told(() => getTokenSilently(asked)),
    async getTokenWithPopup(asked) {
      await client.loginWithPopup(asked)
      return client.getTokenSilently({ authorizationParams: asked?.authorizationParams ?? {} })
    },
    async getUser() {
      await known()
      return claims()
    },
    async getIdTokenClaims() {
      await known()
      const found = claims()
      return found === undefined ? undefined : { ...found, __raw: auth.getIdToken() ?? '' }
    },
    isAuthenticated: async () => (await known()).status === 'authenticated',
    checkSession: async () => void (await known()),
    async logout({ logoutParams = {}, openUrl } = {}) {
      const { returnTo, federated } = logoutParams
      const asked = {
        ...(returnTo === undefined ? {} : { postLogoutRedirectUri: returnTo }),
        ...(federated === true ? { extraParameters: { federated: '' } } : {}),
      }
      if (openUrl === undefined) return auth.signOut(asked)
      if (openUrl === false) return auth.signOut({ where: 'browser' })
      return signOutBy(auth, asked, openUrl)
    },
  }
  return client
}

async function tokenFor(auth: Auth, target: TokenTarget, forceRenewal: boolean): Promise<string | null> {
  return auth.getAccessToken({ ...target, ...(forceRenewal ? { forceRenewal } : {}) })
}

function detailed(auth: Auth, accessToken: string): TokenResponse {
  const { scope = [], expiresAt = 0, issuedAt = 0 } = auth.getTokens() ?? {}
  const life = { expires_in: Math.max(0, Math.round(expiresAt - issuedAt)), scope: scope.join(' ') }
  return { access_token: accessToken, id_token: auth.getIdToken() ?? '', ...life }
}

/** Another audience than the usual one is an API of its own. */
function targetOf(params: GetTokenSilentlyOptions['authorizationParams'], usual: string | undefined): TokenTarget {
  const { audience, scope } = params ?? {}
  return {
    ...(audience === undefined || audience === usual ? {} : { resource: audience }),
    ...(scope === undefined ? {} : { scope: withOpenid(scope) }),
  }
}

function signInOptions(params: AuthorizationParams = {}): SignInOptions {
  const { scope, prompt, login_hint, acr_values, max_age, ui_locales, audience, redirect_uri, ...more } = params
  const extra = Object.entries({ ...more, ...(audience === undefined ? {} : { audience }) })
  return {
    extraParameters: Object.fromEntries(extra.map(([name, value]) => [name, String(value)])),
    ...(scope === undefined ? {} : { scope: withOpenid(scope) }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(login_hint === undefined ? {} : { loginHint: login_hint }),
    ...(acr_values === undefined ? {} : { acrValues: acr_values.split(' ') }),
    ...(max_age === undefined ? {} : { maxAgeSeconds: Number(max_age) }),
    ...(ui_locales === undefined ? {} : { uiLocales: ui_locales.split(' ') }),
  }
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw genericError(error)
  }
}
