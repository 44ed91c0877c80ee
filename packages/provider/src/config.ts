import type { ClientMetadata, Runtime, ServerMetadata, SigningAlg } from '@latchkey/protocol'
import type { Accounts } from './accounts.ts'
import type { AuditLevel, AuditOptions } from './audit/audit-options.ts'
import type { AuthorizationDetailsType } from './authorization/authorization-details-type.ts'
import type { CibaOptions } from './backchannel/ciba-options.ts'
import type { ClaimHooks } from './claims/claim-hooks.ts'
import type { ScopeClaims } from './claims/scope-claims.ts'
import type { ProviderEvent } from './events.ts'
import type { TrustedIssuer } from './grants/jwt-bearer/trusted-issuer.ts'
import type { TokenExchangePolicy } from './grants/token-exchange/policy.ts'
import type { KeyEncryption } from './keys/key-encryption.ts'
import type { KeySchedule } from './keys/key-schedule.ts'
import type { Outbound } from './outbound/outbound.ts'
import type { AttemptLimit } from './pending/attempts.ts'
import type { PeopleControl } from './people/people-control.ts'
import type { Profile } from './profiles/profile.ts'
import type { MetadataDocumentOptions } from './registration/metadata-documents.ts'
import type { RegistrationOptions } from './registration/registration-options.ts'
import type { MutualTls } from './sender-constraint/mutual-tls.ts'
import type { Soon } from './soon.ts'
import type { StatusListOptions } from './status-lists/status-list-options.ts'
import type { AuditStore, ClientRecord, Store } from './store/store.ts'

/** Seconds. */
export interface Lifetimes {
  readonly access_token: number
  readonly id_token: number
  readonly authorization_code: number
  readonly refresh_token_idle: number
  readonly refresh_token_absolute: number
  /** How long a rotated refresh token may be presented again by its own client to get the same successor. */
  readonly refresh_token_grace: number
  /** How long a person stays signed in at the provider. */
  readonly session: number
  /** How long a person may take to sign in and consent. */
  readonly interaction: number
  /** How long a pushed request waits for the browser. @spec RFC 9126 §2.2 */
  readonly pushed_request: number
  /** How long a device code and its user code last. @spec RFC 8628 §3.2 */
  readonly device_code: number
  /** How long a backchannel authentication request waits for the person. @spec CIBA Core §7.3 */
  readonly backchannel_request: number
}

export const defaultLifetimes: Lifetimes = {
  access_token: 3600,
  id_token: 600,
  authorization_code: 60,
  refresh_token_idle: 1_209_600,
  refresh_token_absolute: 7_776_000,
  refresh_token_grace: 30,
  session: 1_209_600,
  interaction: 3600,
  pushed_request: 90,
  device_code: 600,
  backchannel_request: 300,
}

/** An API that access tokens are made for. @spec RFC 8707 §2 */
export interface Resource {
  /** An absolute URI without a fragment. */
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly string[]
  /** What each scope lets a client do, in people's words. */
  readonly scope_descriptions?: Readonly<Record<string, string>>
  readonly access_token_format: 'jwt' | 'opaque'
  readonly access_token_signing_alg: SigningAlg
  /** Seconds; the narrowest of all lifetimes that apply counts. */
  readonly access_token_lifetime?: number
  /** Whether its JWT access tokens name a place in a status list. @spec Token Status List §6.2 */
  readonly access_token_status_list?: boolean
}

/** A value of `acr`, and the methods of authentication that make it up. @spec OIDC Core §2; RFC 8176 §2 */
export interface AuthenticationContext {
  readonly value: string
  readonly amr: readonly string[]
}

export interface ProviderOptions {
  /** The issuer identifier: an https URL without a slash at the end (http for loopback). */
  readonly issuer: string
  readonly store: Store
  readonly accounts: Accounts
  /** Clients that stand in the configuration; the store's own live beside them. */
  readonly clients?: readonly ClientMetadata[]
  readonly resources?: readonly Resource[]
  readonly lifetimes?: Partial<Lifetimes>
  /** Seconds an access token lasts at most, by grant type. */
  readonly grantLifetimes?: Readonly<Record<string, number>>
  /** The authentication contexts this provider knows, strongest first. */
  readonly acrValues?: readonly AuthenticationContext[]
  /** What `authorization_details` may ask for. @spec RFC 9396 §2 */
  readonly authorizationDetailsTypes?: readonly AuthorizationDetailsType[]
  /** Whether every client has to push its authorization requests. @spec RFC 9126 §5 */
  readonly requirePushedAuthorizationRequests?: boolean
  /** Whether request objects may come without a signature, which RFC 9101 forbids; off unless said otherwise. @spec OIDC Core §6.1 */
  readonly unsignedRequestObjects?: boolean
  /** Who may register clients over the wire; nobody unless said otherwise. @spec RFC 7591 §3 */
  readonly registration?: RegistrationOptions
  /** Whether clients may describe themselves at the https address that is their client_id. @spec Client ID Metadata Document §3 */
  readonly clientIdMetadataDocuments?: boolean | MetadataDocumentOptions
  /** Whether every authorization request has to name the resource it is for. @spec RFC 8707 §2 */
  readonly requireResource?: boolean
  /** A set of rules for all clients; "oauth2.1" unless said otherwise. */
  readonly profile?: Profile['name']
  /** What encrypts the signing keys at rest: 32 bytes; several keys, of which the first seals and all open; or a vault. */
  readonly keyEncryptionKey: KeyEncryption
  /** When signing keys change, in seconds. */
  readonly keySchedule?: Partial<KeySchedule>
  /** Scopes that speak of a person, beside the standard ones: which claims each tells. @spec OIDC Core §5.4 */
  readonly scopes?: Readonly<Record<string, ScopeClaims>>
  /** Adds claims to tokens and answers. */
  readonly shape?: ClaimHooks
  /** Publishes status lists, which the tokens of resources and clients with `access_token_status_list` name; off when left out. */
  readonly statusLists?: StatusListOptions
  /** Accept `?access_token=` at userinfo; off unless said otherwise. @spec RFC 6750 §2.3 */
  readonly queryAccessTokens?: boolean
  /** Host names inside one's own network that clients may name in `jwks_uri` and the like; otherwise public addresses only. */
  readonly privateHosts?: readonly string[]
  /** Sends requests to addresses that clients named; guarded, over the real network, unless given. */
  readonly outbound?: Outbound
  /** The page on which people see and take back what they have allowed, and end their sessions; on unless said otherwise. */
  readonly accountPage?: boolean
  /** Sign-in on devices without a browser; on unless said otherwise. @spec RFC 8628 */
  readonly deviceFlow?: boolean
  /** Asks people on their own device (CIBA, poll and ping); off when left out. @spec CIBA Core §5 */
  readonly ciba?: CibaOptions
  /** Who may exchange which token for what; what registration alone allows unless said otherwise. @spec RFC 8693 §2.1 */
  readonly tokenExchange?: TokenExchangePolicy
  /** Those whose assertions about people are believed; the jwt-bearer grant is there when there are any. @spec RFC 7523 */
  readonly trustedIssuers?: readonly TrustedIssuer[]
  /** Client certificates, where the server asks for them. @spec RFC 8705 */
  readonly mutualTls?: MutualTls
  /** Whether every DPoP proof needs a nonce of this server; otherwise only those of clients whose clock is off. @spec RFC 9449 §8 */
  readonly requireDpopNonces?: boolean
  /** How many different wrong secrets one address may send for one client, in how many seconds; 20 in 300 unless given. @spec RFC 6749 §2.3.1 */
  readonly wrongSecrets?: Partial<AttemptLimit>
  /**
   * The IP address that a request comes from; null where it is not known, or may be the same for everybody. Without it
   * wrong secrets are counted and told of, but nobody is kept from trying on.
   */
  readonly clientAddress?: (request: Request) => string | null
  /** What the audit trail keeps, and for how long. */
  readonly audit?: AuditOptions
  readonly runtime?: Runtime
  /** Told of everything worth a log line; never given a token or a secret. */
  readonly onEvent?: (event: ProviderEvent) => void
  /** Pages beside the provider's own, such as the admin site and the start page: the first non-null answer is sent. */
  readonly pages?: readonly ((request: Request, site: ProviderSite) => Promise<Response> | null)[]
}

/** Who is signed in, and the parts of the house that pages beside the provider's own share. */
export interface ProviderSite {
  readonly issuer: string
  /** The path below which everything stands: "" or "/path". */
  readonly basePath: string
  readonly clients: ClientRegistry
  readonly resources: readonly Resource[]
  /** What the provider says of itself. */
  readonly metadata: () => ServerMetadata
  readonly profile: Profile
  readonly requireResource: boolean
  /** The signed-in person of this request, or null. */
  currentSession(request: Request): Promise<SiteSession | null>
  /** Sends the browser through sign-in and back to `returnTo`, a local path. */
  signIn(request: Request, options: { returnTo: string; clientName: string }): Promise<Response>
  /** A page in the provider's look, with a strict content security policy. */
  page(page: {
    title: string
    body: unknown
    status?: number
    wide?: boolean
    headers?: Record<string, string>
  }): Response
  /** Who has this `sub` or signs in under this name. */
  findPerson(subOrUsername: string): Promise<{ readonly sub: string; readonly username: string } | null>
  /** What hangs on a person, and what takes it back. */
  readonly people: PeopleControl
  /** Whether people have a page of their own for that. */
  readonly accountPage: boolean
  /** Ends everything that a person has; `actor` is the administrator. */
  endPerson(sub: string, actor: string): Promise<void>
  /** Deletes an account and what it left behind; undefined where accounts cannot be deleted here. */
  readonly deletePerson: ((sub: string, actor: string) => Promise<boolean>) | undefined
  readonly audit: Pick<AuditStore, 'list'> & { readonly level: AuditLevel; readonly retention: number }
  now(): number
  randomBytes(length: number): Uint8Array
}

export interface SiteSession {
  readonly sub: string
  readonly sid: string
  readonly username: string
  readonly admin: boolean
  /** A token for forms of this session: `checkFormToken` compares it in constant time. */
  readonly formToken: string
}

/** Clients of the configuration and of the store, as one. */
export interface ClientRegistry {
  /** A client of the configuration is here at once. */
  find(clientId: string): Soon<RegisteredClient | null>
  /** Ordered by client_id; configured clients included. */
  list(query: { search?: string; after?: string; limit: number }): Promise<readonly RegisteredClient[]>
  /** @returns the secret, to be shown once, or null for a public client. */
  create(
    metadata: ClientMetadata,
    registration?: Pick<ClientRecord, 'registrationTokenHash'> & ChangedBy,
  ): Promise<{ outcome: 'created'; secret: string | null } | { outcome: 'exists' }>
  update(metadata: ClientMetadata, version: number, by?: ChangedBy): Promise<'updated' | 'stale' | 'configured'>
  /** Makes a new secret, to be shown once; the one before ends at once unless it stays valid for `previousSeconds`. */
  renewSecret(
    clientId: string,
    version: number,
    how?: ChangedBy & { readonly previousSeconds?: number },
  ): Promise<{ outcome: 'renewed'; secret: string } | { outcome: 'stale' | 'configured' }>
  delete(clientId: string, by?: ChangedBy): Promise<'deleted' | 'unknown' | 'configured'>
}

/** Who changes a client, and by which request, for the audit trail: what changed and its entry are written together. */
export interface ChangedBy {
  /** The `sub` of an administrator. */
  readonly actor?: string
  readonly requestId?: string
  /** What of it. */
  readonly detail?: string
}

export interface RegisteredClient {
  readonly metadata: Omit<ClientMetadata, 'client_secret'>
  readonly secretHashes: readonly string[]
  /** The secret of a client that signs with it, sealed. */
  readonly sealedSecret?: string
  /** The secret before, while it still counts. */
  readonly previousSecret?: NonNullable<ClientRecord['previousSecret']>
  /** Where it stands: a configured client is changed in its file, not in the admin site. */
  readonly origin: 'configuration' | 'store' | 'document'
  /** Of the token that manages the client over the wire. @spec RFC 7592 §3 */
  readonly registrationTokenHash?: string
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}
