import type { AuthPart, SecureRouteRow } from '@latchkey/browser'

/** How much is written to the log. Tokens, codes and nonces are never written. */
export const LogLevel = { None: 0, Debug: 1, Warn: 2, Error: 3 } as const
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel]

type Parameters = Readonly<Record<string, string | number | boolean>>

/** One provider and client, in the option names that Angular developers know. */
export interface OpenIdConfiguration {
  /** Names this configuration among several; default `default`, then `1`, `2` … by position. */
  readonly configId?: string
  /** The provider's issuer identifier. @spec OIDC Discovery §4.3 */
  readonly authority: string
  readonly clientId: string
  /** Where the provider sends people back to; on this page's origin. Default: the origin with a slash. */
  readonly redirectUrl?: string
  readonly postLogoutRedirectUri?: string
  /** Space-separated; default `openid profile email`. */
  readonly scope?: string
  /** Only `code`, which is also the default. @spec RFC 9700 §2.1.2 */
  readonly responseType?: 'code'
  /** Renew by a timer before expiry; without it a token is renewed when it is asked for. Default false. */
  readonly silentRenew?: boolean
  /** The page that a silent sign-in comes back to; on this page's origin. */
  readonly silentRenewUrl?: string
  /** The page that a sign-in in a popup comes back to; on this page's origin. Default `/popup-callback.html`. */
  readonly popupRedirectUrl?: string
  /** Accepted either way: a refresh token is used exactly when the provider issued one. */
  readonly useRefreshToken?: boolean
  /** Seconds before expiry at which the timer of `silentRenew` renews; default 30. */
  readonly renewTimeBeforeTokenExpiresInSeconds?: number
  /** Where tokens go: an exact origin and whole path segments; children are covered, wildcards refused. */
  readonly secureRoutes?: readonly (string | SecureRouteRow)[]
  /** Further parameters of the authorization request, such as `audience`; `resource` names the API. @spec RFC 8707 §2 */
  readonly customParamsAuthRequest?: Parameters
  /** Further parameters of the request that ends the provider's session. */
  readonly customParamsEndSessionRequest?: Parameters
  /** The parameter `hd`: people of one domain at providers that know it. */
  readonly hdParam?: string
  /** Sends authorization requests to the provider directly, where it has the endpoint. @spec RFC 9126 */
  readonly usePushedAuthorisationRequests?: boolean
  /** Watches the provider's session: `checkSessionChanged$`. Default false. */
  readonly startCheckSession?: boolean
  /** Whether `userData` has the userinfo endpoint's claims as well. Default false: those of the ID token. */
  readonly autoUserInfo?: boolean
  /** Asks the userinfo endpoint again after a renewal. Default false. */
  readonly renewUserInfoAfterTokenRenew?: boolean
  /** Where a sign-in goes back to that says no place of its own; default: where it was started. */
  readonly postLoginRoute?: string
  /** With true `postLoginRoute` is not used: the application navigates by itself. Default false. */
  readonly triggerAuthorizationResultEvent?: boolean
  /** Where the guard sends people whose sign-in failed; default `/`. */
  readonly unauthorizedRoute?: string
  /** Where the guard sends people who are signed in and may not go on; default that of `unauthorizedRoute`. */
  readonly forbiddenRoute?: string
  /** Default `LogLevel.Warn`. */
  readonly logLevel?: LogLevel
  /** What the core does not carry itself, such as `popup()` and `dpop()`. */
  readonly parts?: readonly AuthPart[]
}
