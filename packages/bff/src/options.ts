import type { Runtime } from '@latchkey/protocol'
import type { BffEvent } from './events.ts'
import type { CsrfHeader } from './http/csrf.ts'
import type { SessionStore } from './session-store/session-store.ts'

/** An API that server-side code calls with the user's token. */
export interface NamedClient {
  /** The token goes to this origin and below this path, nowhere else. */
  readonly baseAddress: string
  /** Must be the session's `resource`: a session holds tokens for one audience. @spec RFC 8707 §2 */
  readonly resource?: string
}

/** A path of ours that is answered by an API. */
export interface ProxyRoute {
  /** A path such as "/api"; whole segments, every child path included. */
  readonly match: string
  /** What replaces `match`: "http://127.0.0.1:3001/api" makes "/api/messages" of ours its "/api/messages". */
  readonly target: string
  /** `user`: with the signed-in person's access token, 401 without one. `none`: without any. */
  readonly token: 'user' | 'none'
}

export interface BffLifetimes {
  /** Seconds a session lives unused. Default 8 hours. */
  readonly idleSeconds?: number
  /** Seconds a session lives at most. Default 7 days. */
  readonly absoluteSeconds?: number
  /** Seconds a person may take to sign in. Default 1 hour. */
  readonly loginSeconds?: number
}

export interface BffOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** The origin that browsers see, such as "https://app.example.com". */
  readonly baseUrl: string
  /** Where the BFF's own endpoints stand. Default "/bff". */
  readonly basePath?: string
  /** Space-separated; `openid` is required. Default "openid profile email offline_access". */
  readonly scope?: string
  /** The API that access tokens are made for. @spec RFC 8707 §2 */
  readonly resource?: string
  readonly store: SessionStore
  /** 32 bytes that, together with each cookie's half, encrypt the sessions. Of several, the first seals and all open. */
  readonly sessionKey: Uint8Array | readonly Uint8Array[]
  readonly clients?: Readonly<Record<string, NamedClient>>
  readonly routes?: readonly ProxyRoute[]
  /** Default X-CSRF: 1. */
  readonly csrf?: CsrfHeader
  /** Allows a plain-http `baseUrl`: cookies without `Secure`, for development. */
  readonly insecureHttp?: true
  readonly cookie?: { readonly name?: string; readonly sameSite?: 'lax' | 'strict' }
  readonly lifetimes?: BffLifetimes
  /** Whether signing out takes the refresh token back at the provider. Default true. */
  readonly revokeAtLogout?: boolean
  /** The path people land on after signing out; `baseUrl` plus this is registered as post_logout_redirect_uri. Default "/". */
  readonly signedOutPath?: string
  readonly runtime?: Runtime
  /** Told of everything worth a log line; never given a token or a secret. */
  readonly onEvent?: (event: BffEvent) => void
}
