import type { ClientMetadata, Runtime } from '@latchkey/protocol'
import type { Accounts } from './accounts.ts'
import type { ProviderEvent } from './events.ts'
import type { Outbound } from './outbound/outbound.ts'
import type { Store } from './store/store.ts'

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
  readonly access_token_signing_alg: 'ES256' | 'RS256'
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
  /** 32 bytes that encrypt the signing keys at rest. */
  readonly keyEncryptionKey: Uint8Array
  /** Accept `?access_token=` at userinfo; off unless said otherwise. @spec RFC 6750 §2.3 */
  readonly queryAccessTokens?: boolean
  /** Host names inside one's own network that clients may name in `jwks_uri` and the like; otherwise public addresses only. */
  readonly privateHosts?: readonly string[]
  /** Sends requests to addresses that clients named; guarded, over the real network, unless given. */
  readonly outbound?: Outbound
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
  find(clientId: string): Promise<RegisteredClient | null>
  /** Ordered by client_id; configured clients included. */
  list(query: { search?: string; after?: string; limit: number }): Promise<readonly RegisteredClient[]>
  /** @returns the secret, to be shown once, or null for a public client. */
  create(metadata: ClientMetadata): Promise<{ outcome: 'created'; secret: string | null } | { outcome: 'exists' }>
  update(metadata: ClientMetadata, version: number): Promise<'updated' | 'stale' | 'configured'>
  /** Replaces every secret with a new one, to be shown once. */
  renewSecret(
    clientId: string,
    version: number,
  ): Promise<{ outcome: 'renewed'; secret: string } | { outcome: 'stale' | 'configured' }>
  delete(clientId: string): Promise<'deleted' | 'unknown' | 'configured'>
}

export interface RegisteredClient {
  readonly metadata: Omit<ClientMetadata, 'client_secret'>
  readonly secretHashes: readonly string[]
  /** Where it stands: a configured client is changed in its file, not in the admin site. */
  readonly origin: 'configuration' | 'store'
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}
