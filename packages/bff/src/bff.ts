import type { IdTokenClaims, Runtime } from '@latchkey/protocol'
import type { ArrivedRequest, BffRequest } from './http/request.ts'
import type { Passage } from './proxy/passage.ts'
import type { TokenTarget } from './session/held-tokens.ts'
import type { SessionAdministration } from './session/session-administration.ts'
import type { UserAccessTokenOptions } from './session/user-tokens.ts'

/** What a typed client is made of: a class whose constructor, or a function that, receives the fetch. */
export type TypedClient<T> = (new (fetch: Runtime['fetch']) => T) | ((fetch: Runtime['fetch']) => T)

/** What a handler of the application's own asks of its callers beyond the CSRF header. */
export interface LocalRule {
  /** Lets people in who are not signed in. */
  readonly anonymous?: boolean
}

/** What the doors of frameworks are given: the BFF of one front end, or several front ends behind one server. */
export interface BffDoor {
  /** Whether the request target (path and query as they arrived) is the BFF's to answer: its endpoints, routes and site. */
  owns(target: string, host?: string): boolean
  /** Answers a request. `target` is the request target as it arrived, for servers whose URLs are normalised. */
  handle(request: Request, target?: string): Promise<Response>
  /**
   * For doors that carry bodies themselves: what becomes of a request for one of the routes, or null for any other
   * target. Nothing of a body is read. A response is the answer already.
   */
  passage(request: ArrivedRequest): Promise<Passage | Response> | null
  /** The claims of the signed-in person, for pages that are made here; null for nobody. @throws ProtocolError `session_unreadable` */
  getUser(request: BffRequest): Promise<IdTokenClaims | null>
  /**
   * A current access token of the signed-in person for one audience and scope, renewed where needed.
   * @throws ProtocolError `not_signed_in`, `session_unreadable` (401) or `unreachable` (503): `problemResponse` makes the
   * answer; ConfigError for a resource that people were never asked for, and for a token that is bound to a key.
   */
  getUserAccessToken(request: BffRequest, options?: UserAccessTokenOptions): Promise<string>
  /** Takes the person's refresh token back at the provider and drops the access tokens; API calls answer 401 afterwards. */
  revokeUserRefreshToken(request: BffRequest): Promise<void>
  /** `fetch` for the API configured as `clients[name]`, with the token that its configuration names, else the person's. */
  userAccessTokenFetch(request: BffRequest, name: string): Runtime['fetch']
  /** A client of your own making, over the fetch of `clients[name]`. */
  typedClient<T>(request: BffRequest, name: string, make: TypedClient<T>): T
  /** The refusal of an API call that does not come from our own front end, or null. For API handlers of the application's own. */
  refuseForeign(request: BffRequest): Response | null
  /**
   * The refusal of a call to a handler of the application's own, or null: 403 for what does not come from our own front
   * end, 401 for nobody signed in. Never a redirect: it is a script that reads the answer.
   */
  refuseLocal(request: BffRequest, rule?: LocalRule): Promise<Response | null>
  /** What an error means to the front end, as `application/problem+json`. */
  problemResponse(error: unknown, request?: BffRequest): Response
  /** Stops the sweeping of old sessions. The store is the caller's to close. */
  close(): void
}

/** A backend for a front end: it holds the tokens, the browser holds a cookie. */
export interface Bff extends BffDoor {
  /** A current access token of the application itself. @throws ProtocolError `authorization_failed`, `unreachable`; ConfigError for a bound one. @spec RFC 6749 §4.4 */
  clientAccessToken(target?: TokenTarget): Promise<string>
  /** `fetch` for the API configured as `clients[name]`, with the application's own token. */
  clientAccessTokenFetch(name: string): Runtime['fetch']
  /** Who is signed in, and how to end it. */
  readonly sessions: SessionAdministration
}
