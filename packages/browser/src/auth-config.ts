import type { AuthPart } from './auth-part.ts'

/** One provider and one client. */
export interface AuthConfig {
  /** Names this configuration among several. */
  readonly configId?: string
  /** The provider's issuer identifier. */
  readonly issuer: string
  readonly clientId: string
  /**
   * `browser`: tokens in this page. `bff`: a cookie session at a backend, no token here; needs the part `bffMode()`.
   * Default `browser`.
   */
  readonly mode?: 'browser' | 'bff'
  /** Where the provider sends people back to; on this page's origin. Default: the origin with a slash. */
  readonly redirectUri?: string
  /** Where the provider answers a silent sign-in: the static page `silent-callback.html`. Default: at the origin's root. */
  readonly silentRedirectUri?: string
  /** Where the provider answers a sign-in in a popup: the static page `popup-callback.html`. Default: at the origin's root. */
  readonly popupRedirectUri?: string
  readonly postLogoutRedirectUri?: string
  /** Space-separated; default `openid profile email`. */
  readonly scope?: string
  /** The API that access tokens are for unless another is named. @spec RFC 8707 §2 */
  readonly resource?: string
  /** Further APIs that people are asked for at sign-in, so that `getAccessToken({ resource })` can name them. */
  readonly resources?: readonly string[]
  /** The parameter `audience` of providers that know no `resource`. */
  readonly audience?: string
  /** Which requests get a token: an exact origin and whole path segments. */
  readonly secureRoutes?: readonly (string | SecureRouteRow)[]
  /** Renew by a timer this many seconds before expiry; 0 renews only when a token is asked for. */
  readonly renewBeforeExpirySeconds?: number
  /**
   * The sign-in's usual `acr_values`, `max_age`, `ui_locales`; checked on return like those of a call. Renewals ask for the
   * same strength, and for no age: a session may outlive it, the next sign-in may not.
   */
  readonly acrValues?: readonly string[]
  readonly maxAgeSeconds?: number
  readonly uiLocales?: readonly string[]
  /** Further parameters of the authorization request. */
  readonly extraParameters?: Readonly<Record<string, string>>
  /**
   * What `fetch` does where an API asks for a stronger sign-in or more scope: `report` returns the answer and tells an
   * event, `redirect` leaves for the provider, `popup` asks in a window and sends again. Default `report`.
   */
  readonly stepUp?: 'report' | 'redirect' | 'popup'
  /** What the core does not carry itself: `silentSignIn()`, `popup()`, `dpop()`, `idTokenSignatures()` … */
  readonly parts?: readonly AuthPart[]
}

/** A configuration that only ever runs over a BFF: the provider is the BFF's affair. */
export type BffAuthConfig = Partial<AuthConfig> & { readonly mode: 'bff' }

/** One row of the route table. */
export interface SecureRouteRow {
  /** An absolute URL, or a path starting with `/` on this page's origin; children are covered. */
  readonly url: string
  /** Default: every method. */
  readonly methods?: readonly string[]
  /** The API whose token goes there; default that of the configuration. @spec RFC 8707 §2 */
  readonly resource?: string
  /** Space-separated; narrows the token. */
  readonly scope?: string
  /** `optional`: where no current token is to be had the request goes out without one. Default `required`. */
  readonly authentication?: 'required' | 'optional'
}

/** Where configurations come from: as they are, made, or fetched. */
export type AuthConfigSource =
  | AuthConfig
  | readonly AuthConfig[]
  | (() => AuthConfig | readonly AuthConfig[] | Promise<AuthConfig | readonly AuthConfig[]>)
  | { readonly url: string; readonly toConfig?: (answer: unknown) => AuthConfig | readonly AuthConfig[] }
