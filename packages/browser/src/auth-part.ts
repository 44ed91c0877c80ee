import type { CodeExchangeOptions, ProofOptions, ProviderConnectionOptions, TokenSet } from '@latchkey/client'
import type { AccessTokenOptions, Auth, PopupOptions, TokenTarget } from './auth.ts'
import type { AuthConfig } from './auth-config.ts'
import type { Parts } from './parts.ts'
import type { Platform } from './platform/platform.ts'
import type { SessionHolder } from './session-holder.ts'
import type { Settings } from './settings.ts'
import type { SignInRequest } from './sign-in.ts'
import type { Tabs } from './tabs.ts'

/** Something that the core does not carry itself. Made by the functions of this package's subpaths. */
export interface AuthPart {
  /** Joins the way to the provider. */
  readonly connection?: (settings: Settings, platform: Platform) => ConnectionExtras
  /** Keeps the session beyond this page. */
  readonly keep?: (settings: Settings, platform: Platform, shared: SharedSession) => Tabs
  /** Asks the provider without anyone noticing. */
  readonly silent?: SilentWay
  /** Asks a person in a window; for those who sign in by other means than tokens. */
  readonly askInWindow?: AskInWindow
  /** Tells `problems` what is wrong with the configuration's route table. */
  readonly checkRoutes?: (config: AuthConfig, href: string, problems: string[]) => void
  /** Adds its methods, to be found in `auth` as well. */
  readonly methods?: (parts: Parts, auth: Auth, tokenSet: TokenSource) => Partial<Auth>
  /** Makes the requests that carry refresh tokens somewhere else. */
  readonly requests?: (settings: Settings, platform: Platform) => TokenRequests
  /** Watches as long as the page lives; returns the way out. */
  readonly watch?: (parts: Parts, auth: Auth, tokenSet: TokenSource) => () => void
  /** Whether it heeds `renewBeforeExpirySeconds`. */
  readonly renewsAhead?: true
  /** Takes the core's place in mode `bff`. */
  readonly bff?: (config: Partial<AuthConfig>, platform: Platform) => Auth
}

/** The session that a part is to keep, and the tabs that share it. */
export interface SharedSession {
  readonly holder: SessionHolder
  readonly tabs: Tabs
}

/** A part that adds these methods. */
export interface PartWith<M extends keyof Auth> extends AuthPart {
  readonly methods: (parts: Parts, auth: Auth, tokenSet: TokenSource) => Pick<Auth, M>
}

/** The methods that are there with a part. */
export type BroughtBy<P extends AuthPart> = P extends { readonly methods: (...given: never[]) => infer Added }
  ? keyof Added & keyof Auth
  : never

export type ConnectionExtras = Pick<ProviderConnectionOptions, 'dpop' | 'checkIdToken' | 'push'>

/**
 * Opens a window for `work`, which may have it go to an address and bring the answer with this `state`.
 * @throws ProtocolError `popup_blocked`, `popup_closed`
 */
export type AskInWindow = <T>(
  platform: Platform,
  options: WindowOptions,
  work: (ask: (url: string, state: string) => Promise<URLSearchParams>) => Promise<T>,
) => Promise<T>

export interface WindowOptions extends Pick<PopupOptions, 'size' | 'signal'> {
  /** Where the static page is that hands on the answer. */
  readonly redirectUri: string
}

export interface SilentWay {
  /** Undefined when the provider needs a person or does not answer. */
  ask(parts: Parts, options: SignInRequest, resource?: string): Promise<TokenSet | undefined>
  /** In the frame itself: hands the answer on and tells that this page has nothing else to do. */
  relay(platform: Platform, settings: Settings): boolean
}

/** What spends access tokens; the core only obtains them. */
export type ApiAccess = Pick<
  Auth,
  'fetch' | 'requestToken' | 'judge' | 'isSecureRoute' | 'routeFor' | 'fetchUserInfo' | 'answerChallenge'
>

/** The current tokens of a target, renewed when needed; null when nobody is signed in. */
export type TokenSource = (options?: AccessTokenOptions) => Promise<TokenSet | null>

/** The requests that tokens come and go by. */
export interface TokenRequests {
  /** True where another tab could do nothing with this one's tokens. */
  readonly ofThisTab?: boolean
  exchange(options: CodeExchangeOptions): Promise<TokenSet>
  refresh(tokens: TokenSet, target: TokenTarget): Promise<TokenSet>
  revoke(token: string, kind: 'access_token' | 'refresh_token'): Promise<unknown>
  /** A proof of the key that the tokens are bound to, where that key is elsewhere. */
  proof?(request: ProofOptions & { readonly accessToken: string }): Promise<string | null>
  hearNonce?(url: string, nonce: string | null): void
  /** Sends a request with its token, where the page never sees tokens. */
  send?(request: Request, accessToken: string): Promise<Response>
  close?(): void
}

/** Keeps one session under the configuration's name; synchronous or not. What cannot be read counts as nothing. */
export interface SessionStorage {
  load(): unknown | Promise<unknown>
  save(session: object): void | Promise<void>
  remove(): void | Promise<void>
}
