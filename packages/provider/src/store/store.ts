import type { ActorClaim, AuthorizationDetail, ClaimsRequest, ClientMetadata } from '@latchkey/protocol'
import type { AuditStore } from './audit.ts'
import type { ConsentStore } from './consents.ts'
import type { KeyStore } from './keys.ts'
import type { LeaseStore } from './leases.ts'
import type { LogoutDeliveryStore } from './logout-deliveries.ts'
import type { PendingGrantStore } from './pending-grants.ts'
import type { PushedRequestStore } from './pushed-requests.ts'
import type { RevocationLog } from './revocation-log.ts'
import type { SessionRecord, SessionStore } from './sessions.ts'
import type { StatusEntry, StatusListStore } from './status-lists.ts'

export type * from './audit.ts'
export type * from './consents.ts'
export type * from './keys.ts'
export type * from './leases.ts'
export type * from './logout-deliveries.ts'
export type * from './pending-grants.ts'
export type * from './pushed-requests.ts'
export type * from './revocation-log.ts'
export type * from './sessions.ts'
export type * from './status-lists.ts'

/**
 * What a handle (code, refresh token, opaque access token, session cookie) is stored under:
 * its time prefix, then the SHA-256 of the whole handle. The handle itself is never stored.
 */
export type HandleHash = string & { readonly __brand: 'HandleHash' }

/**
 * Everything the provider keeps. Each verb is one atomic step and resolves only when it is durable;
 * every write is conditional, so a race and a replay land in the same branch on every backend.
 * All instants are epoch seconds and come from the caller: a store has no clock.
 */
export interface Store {
  readonly clients: ClientStore
  readonly interactions: InteractionStore
  readonly sessions: SessionStore
  readonly consents: ConsentStore
  readonly codes: CodeStore
  readonly families: FamilyStore
  readonly refreshTokens: RefreshTokenStore
  readonly accessTokens: AccessTokenStore
  readonly keys: KeyStore
  readonly replays: ReplayStore
  readonly pushedRequests: PushedRequestStore
  readonly pendingGrants: PendingGrantStore
  readonly logoutDeliveries: LogoutDeliveryStore
  /** Written by every verb that takes something back, in the same step. */
  readonly revocations: RevocationLog
  readonly statusLists: StatusListStore
  readonly leases: LeaseStore
  readonly audit: AuditStore
  /** Deletes at most `limit` expired rows; resolves with how many went. */
  sweep(now: number, limit: number): Promise<number>
  close(): Promise<void>
}

export interface ClientRecord {
  /** Without `client_secret`: only its hash is kept. */
  readonly metadata: Omit<ClientMetadata, 'client_secret'>
  /** SHA-256 (base64url) of each secret now valid. */
  readonly secretHashes: readonly string[]
  /** The secret itself, sealed, where the client signs with it: an HMAC cannot be checked against a hash. */
  readonly sealedSecret?: string
  /** The secret before, which stays valid for a while. */
  readonly previousSecret?: { readonly hash: string; readonly sealed?: string; readonly expiresAt: number }
  /** SHA-256 of the token that manages this registration, for clients that registered themselves. @spec RFC 7592 §3 */
  readonly registrationTokenHash?: string
  /** Grows by one with each update. */
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface ClientStore {
  find(clientId: string): Promise<ClientRecord | null>
  /** Ordered by client_id, those after `after`; `search` looks in client_id and client_name, in any letter case. */
  list(query: { search?: string; after?: string; limit: number }): Promise<readonly ClientRecord[]>
  create(record: ClientRecord): Promise<'created' | 'exists'>
  /** Writes only when the stored version is `record.version - 1`. */
  update(record: ClientRecord): Promise<'updated' | 'stale'>
  /** Deletes the client and ends all its token families. */
  delete(clientId: string, now: number): Promise<'deleted' | 'unknown'>
}

/** An authorization request waiting for a person, or a sign-in that the provider itself asked for. */
export interface InteractionRecord {
  readonly hash: HandleHash
  /** The wire text of the authorization request, or null for a sign-in to the provider's own pages. */
  readonly request: string | null
  /** A local path, for the provider's own pages. */
  readonly returnTo: string | null
  /** The OP session that signed in for this interaction, once it has. */
  readonly sessionHash: HandleHash | null
  readonly createdAt: number
  readonly expiresAt: number
}

export interface InteractionStore {
  create(record: InteractionRecord): Promise<void>
  /** The record while it is neither consumed nor expired. */
  find(hash: HandleHash, now: number): Promise<InteractionRecord | null>
  recordSignIn(hash: HandleHash, sessionHash: HandleHash, now: number): Promise<boolean>
  /** Takes the record away; the second of two callers gets null. */
  consume(hash: HandleHash, now: number): Promise<InteractionRecord | null>
}

/** What was decided when the person (or the client itself) authorized: every token of a family inherits it. */
export interface Grounds {
  readonly familyId: string
  readonly clientId: string
  readonly sub: string
  readonly scope: readonly string[]
  readonly resources: readonly string[]
  readonly sid: string | null
  readonly authTime: number | null
  readonly acr: string | null
  readonly amr: readonly string[]
  /** Proof-of-possession binding. @spec RFC 7800 §3.1 */
  readonly cnf: { readonly jkt?: string; readonly 'x5t#S256'?: string } | null
  /** The `claims` parameter of the authorization request. @spec OIDC Core §5.5 */
  readonly claims?: ClaimsRequest
  /** The languages in which the client wants claims, best first. @spec OIDC Core §5.2 */
  readonly claimsLocales?: readonly string[]
  /** @spec RFC 9396 §2 */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  /** Who acts for `sub`, where a token was exchanged. @spec RFC 8693 §4.1 */
  readonly act?: ActorClaim
}

export interface CodeRecord {
  readonly hash: HandleHash
  readonly grounds: Grounds
  readonly redirectUri: string
  /** Whether the authorization request named redirect_uri (then the token request must repeat it). */
  readonly redirectUriGiven: boolean
  readonly nonce: string | null
  readonly codeChallenge: string | null
  readonly createdAt: number
  readonly expiresAt: number
}

export interface CodeStore {
  create(record: CodeRecord): Promise<void>
  /** Also finds consumed codes, until they expire. */
  find(hash: HandleHash): Promise<(CodeRecord & { readonly consumedAt: number | null }) | null>
  /**
   * Consumes the code and writes what is issued for it, all or nothing. A code consumed before ends its family
   * in the same step; an expired or unknown one writes nothing. @spec RFC 6749 §4.1.2
   */
  redeem(hash: HandleHash, issued: Issued, now: number): Promise<'redeemed' | 'reused' | 'unknown'>
}

/** What one token response writes. */
export interface Issued {
  readonly family: FamilyRecord | null
  readonly accessToken: AccessTokenRecord | null
  readonly refreshToken: RefreshTokenRecord | null
  /** Of an access token that is a JWT, where it names a status list. */
  readonly status?: StatusEntry | undefined
}

/** All tokens that descend from one authorization. */
export interface FamilyRecord {
  readonly familyId: string
  readonly clientId: string
  readonly sub: string
  readonly sid: string | null
  readonly createdAt: number
  /** When the last token of the family can no longer be valid. */
  readonly expiresAt: number
}

/** A client that holds something of a person's. */
export interface Holder {
  readonly clientId: string
  /** When the oldest of its living families began. */
  readonly since: number
}

export interface FamilyStore {
  find(familyId: string): Promise<(FamilyRecord & { readonly revokedAt: number | null }) | null>
  /** Ends the family with all its tokens; true when it was alive before. Unknown ids are remembered as revoked until `expiresAt`. */
  revoke(familyId: string, now: number, expiresAt: number): Promise<boolean>
  /** Begins a family and writes what is issued with it, where no code or refresh token is presented; false when it was ended already. */
  begin(issued: Issued, now: number): Promise<boolean>
  /** The clients that hold living families of a person, ordered by client_id, whether they ever needed a consent or not. */
  holders(sub: string, now: number): Promise<readonly Holder[]>
  /** Ends every family of one OP session, and queues a logout token for every client noted in it; resolves with their ids. */
  revokeSession(session: Pick<SessionRecord, 'sid' | 'sub'>, now: number): Promise<readonly string[]>
  /**
   * Ends every OP session and every family of a person, and what is on its way to become one, and queues a logout token for
   * every client noted in those sessions; resolves with their `sid`. The log remembers the person until `expiresAt` at least, whatever was found.
   */
  revokeSubject(sub: string, now: number, expiresAt: number): Promise<readonly string[]>
  /**
   * Deletes what an ended person has left behind: consents, refresh tokens, opaque access tokens and codes. Their families
   * stay, ended and without tokens, so that what is out there goes on being refused.
   */
  forgetSubject(sub: string): Promise<void>
}

export interface RefreshTokenRecord {
  readonly hash: HandleHash
  readonly grounds: Grounds
  readonly createdAt: number
  /** The earlier of idle and absolute end. */
  readonly expiresAt: number
  /** The absolute end, inherited by successors. */
  readonly absoluteExpiresAt: number
}

/**
 * - `rotated`: the presented token was current; `issued` is written, the presented one points to its successor.
 * - `replayed`: it was rotated within the grace and its successor is unused: `issued.accessToken` alone is written.
 * - `reused`: anything else presented twice; the family was ended in the same step.
 * - `unknown`: never issued, expired, or of an ended family; nothing is written.
 */
export type Rotation =
  | { readonly outcome: 'rotated' }
  | { readonly outcome: 'replayed'; readonly sealedSuccessor: string }
  | { readonly outcome: 'reused'; readonly familyId: string }
  | { readonly outcome: 'unknown' }

export interface RefreshTokenStore {
  /** Also finds rotated tokens; null once expired rows were swept or when unknown. */
  find(hash: HandleHash): Promise<(RefreshTokenRecord & { readonly rotatedAt: number | null }) | null>
  /**
   * @param sealedSuccessor what yields the successor to whoever has the presented token and the provider's key: not to the store
   * @spec RFC 9700 §4.14.2
   */
  rotate(
    hash: HandleHash,
    successor: { readonly issued: Issued; readonly sealedSuccessor: string },
    at: { readonly now: number; readonly graceSeconds: number },
  ): Promise<Rotation>
  /**
   * For clients whose refresh tokens are not rotated: moves the idle end and writes `issued.accessToken`, while the
   * token is current and its family alive.
   */
  extend(
    hash: HandleHash,
    renewal: { readonly issued: Issued; readonly expiresAt: number },
    now: number,
  ): Promise<'extended' | 'unknown'>
}

/** An opaque access token. JWTs are not stored; only their revocation is. */
export interface AccessTokenRecord {
  readonly hash: HandleHash
  readonly grounds: Grounds
  readonly createdAt: number
  readonly expiresAt: number
}

export interface AccessTokenStore {
  create(record: AccessTokenRecord): Promise<void>
  /** The record while it is neither revoked, nor expired, nor of an ended family. */
  find(hash: HandleHash, now: number): Promise<AccessTokenRecord | null>
  /** True when it was alive before. */
  revoke(hash: HandleHash): Promise<boolean>
  /** Remembers a JWT's `jti` as revoked until `expiresAt`. */
  revokeJwt(jti: string, expiresAt: number, now: number): Promise<void>
  /** Whether the `jti` was revoked or its family ended. */
  isJwtRevoked(jti: string, familyId: string): Promise<boolean>
}

export interface ReplayStore {
  /** True for the first caller with this key before `expiresAt`, false for every other. */
  remember(key: string, expiresAt: number, now: number): Promise<boolean>
}
