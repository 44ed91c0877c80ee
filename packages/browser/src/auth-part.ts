import type { CodeExchangeOptions, ProofOptions, ProviderConnectionOptions, TokenSet } from '@latchkey/client'
import type { AccessTokenOptions, Auth, PopupOptions, SignInOptions, TokenTarget } from './auth.ts'
import type { AuthConfig, BffAuthConfig } from './auth-config.ts'
import type { KeptSession } from './parts/kept-session.ts'
import type { Parts } from './parts.ts'
import type { Platform } from './platform/platform.ts'
import type { SessionHolder } from './session-holder.ts'
import type { Settings } from './settings.ts'

/** Something that the core does not carry itself. Made by the functions of this package's subpaths. */
export interface AuthPart {
  readonly name: string
  /** Joins the way to the provider. */
  readonly connection?: (settings: Settings, platform: Platform) => ConnectionExtras
  /** Keeps the session beyond this page. */
  readonly keep?: (settings: Settings, platform: Platform, holder: SessionHolder) => KeptSession
  /** Asks the provider without anyone noticing. */
  readonly silent?: SilentWay
  /** Asks a person in a window; for those who sign in by other means than tokens. */
  readonly askInWindow?: AskInWindow
  readonly api?: ApiWay
  /** Adds its methods. */
  readonly methods?: (parts: Parts) => Partial<Auth>
  /** Makes the requests that carry refresh tokens somewhere else. */
  readonly requests?: (settings: Settings, platform: Platform) => TokenRequests
  /** Watches as long as the page lives; returns the way out. */
  readonly watch?: (parts: Parts, auth: Auth, tokenSet: TokenSource) => () => void
  /** Whether it heeds `renewBeforeExpirySeconds`. */
  readonly renewsAhead?: true
  /** Takes the core's place in mode `bff`. */
  readonly bff?: (config: BffAuthConfig & AuthConfig, platform: Platform) => Auth
}

/** A part that adds these methods. */
export interface PartWith<M extends keyof Auth> extends AuthPart {
  readonly methods: (parts: Parts) => Pick<Auth, M>
}

/** The part that adds what spends access tokens. */
export interface ApiPart extends AuthPart {
  readonly api: ApiWay
}

/** The methods that are there with a part. */
export type BroughtBy<P extends AuthPart> = P extends ApiPart
  ? keyof ApiAccess
  : P extends { readonly methods: (parts: Parts) => infer Added }
    ? keyof Added & keyof Auth
    : never

export type ConnectionExtras = Pick<ProviderConnectionOptions, 'dpop' | 'checkIdToken' | 'push'>

/** The answer's parameters, and what was begun. @throws ProtocolError `popup_blocked`, `popup_closed` */
export type AskInWindow = <T extends Begun>(
  platform: Platform,
  question: WindowQuestion<T>,
) => Promise<{ readonly callback: URLSearchParams; readonly begun: T }>

export interface WindowQuestion<T extends Begun> extends Pick<PopupOptions, 'size' | 'signal'> {
  /** Where the static page is that hands on the answer. */
  readonly redirectUri: string
  /** Asked when the window is open. */
  begin(): Promise<T>
}

interface Begun {
  /** Where the window goes. */
  readonly url: string
  /** The `state` of the answer. */
  readonly state: string
}

export interface SilentWay {
  /** Null when the provider needs a person or does not answer. */
  ask(parts: Parts, options: SignInOptions & TokenTarget): Promise<TokenSet | null>
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

/** Reads the configuration's route table, adds its mistakes to `problems`, and says how to open what works by it. */
export type ApiWay = (
  config: AuthConfig,
  href: string,
  problems: string[],
) => (parts: Parts, auth: Auth, tokenSet: TokenSource) => ApiAccess

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
