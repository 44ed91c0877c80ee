import type { IdTokenClaims, Runtime, ServerMetadata } from '@latchkey/protocol'
import type { Accounts } from './accounts.ts'
import type { ClientRegistry, Lifetimes, Resource } from './config.ts'
import type { ProviderEvent } from './events.ts'
import type { Outbound } from './outbound/outbound.ts'
import type { Store } from './store/store.ts'

/** What `createProvider` put together, once and for good; each endpoint takes from it what it needs. */
export interface Parts {
  readonly issuer: string
  /** The path below which every endpoint stands: "" or "/path". */
  readonly basePath: string
  readonly store: Store
  readonly accounts: Accounts
  readonly clients: ClientRegistry
  readonly resources: ReadonlyMap<string, Resource>
  readonly lifetimes: Lifetimes
  readonly queryAccessTokens: boolean
  readonly runtime: Runtime
  /** Requests to addresses that clients named. */
  readonly outbound: Outbound
  readonly metadata: () => ServerMetadata
  readonly keys: SigningKeys
  readonly emit: (event: ProviderEvent) => void
  /** Keys symmetric work that must survive a restart (form tokens): derived from the key-encryption key. */
  readonly formKey: Uint8Array
}

/** Signs and verifies the provider's own JWTs, synchronously once loaded. */
export interface SigningKeys {
  /** @param header further members such as `typ` */
  sign(alg: 'ES256' | 'RS256', payload: object, header?: Readonly<Record<string, string>>): string
  /** The payload of a JWT that this provider signed with the given `typ`, or null. Expiry is the caller's to judge. */
  verify(jwt: string, typ: string): Readonly<Record<string, unknown>> | null
  jwks(): { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

/** An ID token that this provider issued, perhaps expired. @spec RP-Initiated Logout §2 */
export type IdTokenHint = (parts: Pick<Parts, 'keys' | 'issuer'>, jwt: string) => IdTokenClaims | null
