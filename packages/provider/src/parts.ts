import type { IdTokenClaims, Runtime, ServerMetadata, SigningAlg } from '@latchkey/protocol'
import type { Accounts } from './accounts.ts'
import type { Audit } from './audit/audit.ts'
import type { AuditOptions } from './audit/audit-options.ts'
import type { AuthorizationDetailsType } from './authorization/authorization-details-type.ts'
import type { CibaOptions } from './backchannel/ciba-options.ts'
import type { ClaimHooks } from './claims/claim-hooks.ts'
import type { ClaimsOfScopes } from './claims/scope-claims.ts'
import type { ClientProofs } from './client-auth/client-proofs.ts'
import type { AuthenticationContext, ClientRegistry, Lifetimes, Resource } from './config.ts'
import type { ProviderEvent } from './events.ts'
import type { TrustedIssuer } from './grants/jwt-bearer/trusted-issuer.ts'
import type { TokenExchangePolicy } from './grants/token-exchange/policy.ts'
import type { LogoutWork } from './logout/logout-deliveries.ts'
import type { Profile } from './profiles/profile.ts'
import type { RegistrationSettings } from './registration/registration-options.ts'
import type { StatusLists } from './status-lists/status-lists.ts'
import type { Store } from './store/store.ts'
import type { Subjects } from './subjects/subjects.ts'
import type { IssuedHere } from './tokens/issued-here.ts'

/** What `createProvider` put together, once and for good; each endpoint takes from it what it needs. */
export interface Parts extends ClientProofs {
  readonly issuer: string
  /** The path below which every endpoint stands: "" or "/path". */
  readonly basePath: string
  readonly store: Store
  readonly accounts: Accounts
  /** As requests meet them: held to the profile. */
  readonly clients: ClientRegistry
  /** As they stand, for those who manage them. */
  readonly everyClient: ClientRegistry
  readonly resources: ReadonlyMap<string, Resource>
  readonly lifetimes: Lifetimes
  /** Seconds an access token lasts at most, by grant type. */
  readonly grantLifetimes: ReadonlyMap<string, number>
  readonly queryAccessTokens: boolean
  readonly deviceFlow: boolean
  /** Whether people have a page for what they have allowed. */
  readonly accountPage: boolean
  /** Null where it is switched off. */
  readonly ciba: CibaOptions | null
  readonly tokenExchange: TokenExchangePolicy
  /** Those whose assertions about people are believed. */
  readonly trustedIssuers: readonly TrustedIssuer[]
  /** Strongest first. */
  readonly acrValues: readonly AuthenticationContext[]
  readonly authorizationDetailsTypes: ReadonlyMap<string, AuthorizationDetailsType>
  readonly requirePushedAuthorizationRequests: boolean
  readonly unsignedRequestObjects: boolean
  readonly runtime: Runtime
  readonly metadata: () => ServerMetadata
  readonly keys: SigningKeys
  /** Null where they are switched off. */
  readonly statusLists: StatusLists | null
  readonly subjects: Subjects
  /** Each scope that speaks of a person, with what it tells. */
  readonly claimsOfScopes: ClaimsOfScopes
  /** Further claims, by place. */
  readonly shape: ClaimHooks
  readonly registration: RegistrationSettings
  /** Whether clients may be metadata documents. */
  readonly clientIdMetadataDocuments: boolean
  readonly requireResource: boolean
  readonly profile: Profile
  /** Has calls to clients that were queued, such as logout tokens, made at once. */
  readonly logoutWork: LogoutWork
  /** Aborted once the provider stops: what waits or streams ends, everything else is still answered. */
  readonly stopping: AbortSignal
  readonly emit: (event: ProviderEvent) => void
  /** Does `act`, a verb of the store, and tells of what it came to: the audit trail's entries are written with it where the store can. */
  readonly tellOf: <T>(act: () => Promise<T>, eventsOf: (result: T) => readonly ProviderEvent[]) => Promise<T>
  readonly audit: Pick<Audit, 'settled'> & Required<AuditOptions>
  /** Keys symmetric work that must survive a restart (form tokens): derived from the store's secret. */
  readonly formKey: Uint8Array
  readonly issuedHere: IssuedHere
  /** What successors of refresh tokens are made with, beside the token itself: the same at every node of the store. */
  readonly successorKey: string
}

/** Signs and verifies the provider's own JWTs, synchronously once loaded. */
export interface SigningKeys {
  /** Makes the first key of an algorithm; undefined when there is one already. */
  ensure(alg: SigningAlg): Promise<void> | undefined
  /** @param header further members such as `typ` */
  sign(alg: SigningAlg, payload: object, header?: Readonly<Record<string, string>>): string
  /** The payload of a JWT that this provider signed with the given `typ`, or null. Expiry is the caller's to judge. */
  verify(jwt: string, typ: string): Readonly<Record<string, unknown>> | null
  /** The same for one that `verify` refused, when its key may be new: reads the keys again, now and then. */
  verifyAnew(jwt: string, typ: string): Promise<Readonly<Record<string, unknown>> | null>
  jwks(): { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

/** An ID token that this provider issued, perhaps expired. @spec RP-Initiated Logout §2 */
export type IdTokenHint = (parts: Pick<Parts, 'keys' | 'issuer'>, jwt: string) => IdTokenClaims | null
