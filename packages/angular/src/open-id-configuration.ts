/** How much is written to the console. Tokens, codes and nonces are never written. */
export const LogLevel = { None: 0, Debug: 1, Warn: 2, Error: 3 } as const
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel]

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
  /** Accepted either way: a refresh token is used exactly when the provider issued one. */
  readonly useRefreshToken?: boolean
  /** Seconds before expiry at which the timer of `silentRenew` renews; default 30. */
  readonly renewTimeBeforeTokenExpiresInSeconds?: number
  /** URLs and paths that tokens go to: an exact origin and whole path segments; children are covered, wildcards refused. */
  readonly secureRoutes?: readonly string[]
  /** Further parameters of the authorization request, such as `audience`; `resource` names the API. @spec RFC 8707 §2 */
  readonly customParamsAuthRequest?: Readonly<Record<string, string | number | boolean>>
  /** Only `false`, which is also the default: `userData` holds the checked claims of the ID token. */
  readonly autoUserInfo?: false
  /** Where the guard sends people whose sign-in failed; default `/`. */
  readonly unauthorizedRoute?: string
  /** Default `LogLevel.Warn`. */
  readonly logLevel?: LogLevel
}
