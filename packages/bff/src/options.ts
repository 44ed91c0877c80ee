import type { ClientAuthentication } from '@latchkey/client'
import type { Runtime } from '@latchkey/protocol'
import type { BffEvent } from './events.ts'
import type { CsrfHeader } from './http/csrf.ts'
import type { SessionStore } from './session-store/session-store.ts'

/**
 * Whose access token goes along: the signed-in person's, the application's own, the first where there is one, none, or
 * one that was exchanged for the person's. @spec RFC 8693 §2
 */
export type TokenKind = 'user' | 'client' | 'userOrClient' | 'userOrNone' | 'none' | 'exchange'

/** An API that server-side code calls. */
export interface NamedClient {
  /** The token goes to this origin and below this path, nowhere else. */
  readonly baseAddress: string
  /** Default: the BFF's `resource`. @spec RFC 8707 §2 */
  readonly resource?: string
  /** Narrows the token. Space-separated. */
  readonly scope?: string
  /** Default `user`. */
  readonly token?: TokenKind
  /** Binds the token to a key, as for a route. @spec RFC 9449 */
  readonly dpop?: true
}

/** A path of ours that is answered by an API. */
export interface ProxyRoute {
  /** A path such as "/api"; whole segments, every child path included. */
  readonly match: string
  /** What replaces `match`: "http://127.0.0.1:3001/api" makes "/api/messages" of ours its "/api/messages". */
  readonly target: string
  /** `user`: with the signed-in person's access token, 401 without one. `none`: without any. */
  readonly token: TokenKind
  /** Other methods are answered with 405. Default: every method. */
  readonly methods?: readonly string[]
  /** Default: the BFF's `resource`. @spec RFC 8707 §2 */
  readonly resource?: string
  /** Narrows the token. Space-separated. */
  readonly scope?: string
  /** Binds the token to a key of the session's (of the application's for `client` and `exchange`) and proves it with each call. @spec RFC 9449 */
  readonly dpop?: true
  /** The person must have signed in with one of these, else 401 with the address that asks for it; the API is not called. @spec RFC 9470 §3 */
  readonly acr?: string | readonly string[]
  /** Seconds until the API has to have begun its answer; after that 504. Default 60. */
  readonly answerSeconds?: number
  /** Request headers that go on; left out, all but those that are never the browser's to say. */
  readonly requestHeaders?: readonly string[]
  /** Answer headers that come back; left out, all but those that reach into the browser's state. */
  readonly responseHeaders?: readonly string[]
}

/** Where the single-page app comes from: exactly one of `folder` and `devServer`. */
export interface SiteOptions {
  /** The built app; a path without a file name gets its `index.html`. */
  readonly folder?: string
  /** The development server, such as "http://127.0.0.1:4200", its WebSocket included. */
  readonly devServer?: string
  /** Where it stands. Default "/". */
  readonly path?: string
  /** Headers of every file, such as `content-security-policy`. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface BffLifetimes {
  /** Seconds a session lives unused. Default 8 hours. */
  readonly idleSeconds?: number
  /** Seconds a session lives at most. Default 7 days. */
  readonly absoluteSeconds?: number
  /** Seconds a person may take to sign in. Default 1 hour. */
  readonly loginSeconds?: number
  /** Seconds after which others take over the renewal of a process that fell silent. A living one extends it. Default 10. */
  readonly leaseSeconds?: number
  /** Seconds the provider may take to answer. While a request may be answered no other process repeats it. Default 30. */
  readonly requestSeconds?: number
  /**
   * Seconds for which the provider answers a second use of a refresh token with the same successor. Default: what its
   * metadata says (`refresh_token_grace_seconds`), else 0: then nobody repeats the request of a process that may live.
   */
  readonly graceSeconds?: number
}

export interface BffOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret?: string
  /** Another proof than the secret, such as `privateKeyJwt(key)` of `@latchkey/client`. @spec RFC 7523 §2.2 */
  readonly authentication?: ClientAuthentication
  /** The origin that browsers see, such as "https://app.example.com". */
  readonly baseUrl: string
  /** Where the BFF's own endpoints stand. Default "/bff". */
  readonly basePath?: string
  /** Space-separated; `openid` is required. Default "openid profile email offline_access". */
  readonly scope?: string
  /** The API that access tokens are made for. @spec RFC 8707 §2 */
  readonly resource?: string
  /** Further APIs that `getUserAccessToken` may be asked for; those of `clients` and `routes` are known anyway. */
  readonly resources?: readonly string[]
  /**
   * Binds every token to a key, from sign-in on, as a client that is registered with `dpop_bound_access_tokens` has to.
   * @spec RFC 9449 §5, §5.2
   */
  readonly dpop?: true
  readonly store: SessionStore
  /** 32 bytes that, together with each cookie's half, encrypt the sessions. Of several, the first seals and all open. */
  readonly sessionKey: Uint8Array | readonly Uint8Array[]
  /** Keeps the address of whoever asks from the APIs behind `routes`. @spec RFC 7239 §8.3 */
  readonly forwardedFor?: false
  readonly clients?: Readonly<Record<string, NamedClient>>
  readonly routes?: readonly ProxyRoute[]
  /** The single-page app, answered here too. */
  readonly site?: SiteOptions
  /** Default X-CSRF: 1. */
  readonly csrf?: CsrfHeader
  /** Allows a plain-http `baseUrl`: cookies without `Secure`, for development. */
  readonly insecureHttp?: true
  readonly cookie?: { readonly name?: string; readonly sameSite?: 'lax' | 'strict' }
  readonly lifetimes?: BffLifetimes
  /** Whether signing out takes the refresh token back at the provider. Default true. */
  readonly revokeAtLogout?: boolean
  /** Query parameters of `/login` that go on to the provider, beside `prompt`, `login_hint`, `acr_values`, `max_age`, `ui_locales`. */
  readonly loginParameters?: readonly string[]
  /** What `/user` answers when nobody is signed in: 401, or 200 with `null`. Default `unauthorized`. */
  readonly anonymousUser?: 'unauthorized' | 'null'
  /** Sessions one person may have at once; the oldest end first. Default: no limit. */
  readonly sessionsPerUser?: number
  /** Opens `/diagnostics`: thumbprints and lifetimes of this session's tokens, never the tokens. */
  readonly development?: true
  /** The path people land on after signing out; `baseUrl` plus this is registered as post_logout_redirect_uri. Default "/". */
  readonly signedOutPath?: string
  readonly runtime?: Runtime
  /** Told of everything worth a log line; never given a token or a secret. */
  readonly onEvent?: (event: BffEvent) => void
}
