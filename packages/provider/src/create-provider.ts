import { ConfigError, type ServerMetadata } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { type Audit, createAudit } from './audit/audit.ts'
import { defaultAudit } from './audit/audit-options.ts'
import { claimsOfScopes } from './claims/scope-claims.ts'
import { createClientProofs } from './client-auth/client-proofs.ts'
import { createClientRegistry } from './client-registry.ts'
import { defaultLifetimes, type ProviderOptions } from './config.ts'
import { configProblems } from './config-problems.ts'
import { deriveKey } from './crypto.ts'
import { metadataAlg } from './endpoints/discovery.ts'
import { createEndpoints } from './endpoints/index.ts'
import { registeredTokenExchange } from './grants/token-exchange/policy.ts'
import type { ClientOrigins } from './http/cors.ts'
import { createDoor } from './http/door.ts'
import { openKeys } from './keys/open-keys.ts'
import type { KeyControl, KeyKeeper } from './keys/signing-keys.ts'
import { createLogoutWork, startLogoutDeliveries } from './logout/logout-deliveries.ts'
import { createMetadata } from './metadata.ts'
import type { Parts } from './parts.ts'
import { createPeopleControl, type PeopleControl } from './people/people-control.ts'
import { heldToProfile } from './profiles/held-to-profile.ts'
import { findProfile } from './profiles/index.ts'
import { createMetadataDocuments, type MetadataDocuments } from './registration/metadata-documents.ts'
import { registrationSettings } from './registration/registration-options.ts'
import { createSite } from './site.ts'
import { createStatusLists } from './status-lists/status-lists.ts'
import { deleteSubject, type EndedBy, endSubject } from './subjects/end-subject.ts'
import { createSubjects } from './subjects/subjects.ts'
import { startSweeper } from './sweeper.ts'
import { createIssuedHere } from './tokens/issued-here.ts'

/** An OpenID Connect provider: a function from Request to Response. */
export interface Provider {
  readonly issuer: string
  readonly metadata: ServerMetadata
  readonly keys: KeyControl
  /** What hangs on a person, and what takes it back. */
  readonly people: PeopleControl
  /** Answers any request; never rejects. */
  fetch(request: Request): Promise<Response>
  /** Ends every session of a person and every token in their name: for whoever locks or deletes an account. */
  endSubject(sub: string, by?: EndedBy): Promise<void>
  /**
   * Deletes the account, ends everything the person has, and deletes what it left behind; false when there was no account.
   * What stays is pseudonymous: the audit trail, and ended families until what is out there has expired.
   */
  deleteSubject(sub: string, by?: EndedBy): Promise<boolean>
  /** Ends open streams and long polls, whose clients go on elsewhere; all else is answered as before. */
  drain(): void
  /** Drains, and ends the work in the background. The store stays open: it belongs to whoever made it. */
  close(): Promise<void>
}

/**
 * Checks everything, loads or makes the signing keys, and puts the provider together.
 * @throws ConfigError with every problem of the options, or when `keyEncryptionKey` is not the one of the store
 */
export async function createProvider(given: ProviderOptions): Promise<Provider> {
  const options = findProfile(given.profile).options(given)
  const problems = [...configProblems(options)]
  if (problems.length > 0) throw new ConfigError(problems)
  const parts = await createParts(options)
  await parts.keys.ensure(metadataAlg(parts.profile))
  const endpoints = createEndpoints(parts)
  const metadata = createMetadata(parts, endpoints)
  parts.describe(metadata)
  const site = createSite(parts)
  const pages = options.pages ?? []
  const stopSweeper = startSweeper(parts.store, parts.runtime, (error) => report(parts, 'sweeper', error))
  const stopLogouts = startLogoutDeliveries(parts, (error) => report(parts, 'logout deliveries', error))
  return {
    issuer: parts.issuer,
    metadata,
    keys: parts.keys.control,
    people: createPeopleControl(parts),
    fetch: createDoor({ parts, endpoints, origins: parts.clients, otherPages: (request) => firstPage(pages, request) }),
    endSubject: (sub, by) => endSubject(parts, sub, by),
    deleteSubject: (sub, by) => deleteSubject(parts, sub, by),
    drain: parts.drain,
    async close() {
      parts.drain()
      await Promise.all([stopSweeper(), stopLogouts(), parts.keys.close()])
      await parts.audit.close()
    },
  }
  function firstPage(list: typeof pages, request: Request): Promise<Response> | null {
    for (const page of list) {
      const response = page(request, site)
      if (response !== null) return response
    }
    return null
  }
}

type OwnParts = Parts & {
  readonly audit: Audit
  readonly clients: Parts['clients'] & ClientOrigins
  readonly keys: KeyKeeper
  describe(metadata: ServerMetadata): void
  drain(): void
}

async function createParts(options: ProviderOptions): Promise<OwnParts> {
  const { issuer, store, accounts, onEvent, runtime = systemRuntime } = options
  const tell = safely(onEvent)
  const audit = createAudit({
    store,
    runtime,
    ...options.audit,
    onError: (error) => report({ emit: tell, runtime }, 'audit', error),
  })
  const emit: Parts['emit'] = (event) => {
    tell(event)
    audit.record(event)
  }
  const tellOf: Parts['tellOf'] = async (act, eventsOf) => {
    const result = await audit.along(act, eventsOf)
    for (const event of eventsOf(result)) tell(event)
    return result
  }
  const lifetimes = { ...defaultLifetimes, ...options.lifetimes }
  const { keys, secret } = await openKeys({ options, store, lifetimes, emit, runtime })
  const proofs = createClientProofs(options, secret, runtime)
  const profile = findProfile(options.profile)
  const registration = registrationSettings(options.registration, profile)
  const documents = acceptedDocuments(options, { outbound: proofs.outbound, registration, issuer, runtime })
  const everyClient = createClientRegistry({
    configured: options.clients ?? [],
    store,
    secrets: proofs.clientSecrets,
    documents,
    runtime,
    async tellOf(act, eventsOf) {
      const result = await tellOf(act, eventsOf)
      await audit.settled()
      return result
    },
  })
  let metadata: ServerMetadata | undefined
  const stop = new AbortController()
  return {
    ...proofs,
    issuer,
    basePath: new URL(issuer).pathname.replace(/\/$/, ''),
    store,
    accounts,
    clients: heldToProfile(everyClient, profile),
    everyClient,
    clientIdMetadataDocuments: documents !== null,
    requireResource: options.requireResource ?? false,
    profile,
    resources: new Map((options.resources ?? []).map((resource) => [resource.identifier, resource])),
    lifetimes,
    grantLifetimes: new Map(Object.entries(options.grantLifetimes ?? {})),
    queryAccessTokens: options.queryAccessTokens ?? false,
    deviceFlow: options.deviceFlow ?? true,
    accountPage: options.accountPage ?? true,
    ciba: options.ciba ?? null,
    tokenExchange: options.tokenExchange ?? registeredTokenExchange,
    trustedIssuers: options.trustedIssuers ?? [],
    acrValues: options.acrValues ?? [],
    authorizationDetailsTypes: new Map((options.authorizationDetailsTypes ?? []).map((type) => [type.type, type])),
    requirePushedAuthorizationRequests: options.requirePushedAuthorizationRequests ?? false,
    unsignedRequestObjects: options.unsignedRequestObjects ?? false,
    runtime,
    keys,
    statusLists: createStatusLists({ issuer, store, runtime, lifetimes }, options.statusLists),
    subjects: createSubjects(secret),
    claimsOfScopes: claimsOfScopes(options.scopes),
    shape: options.shape ?? {},
    registration,
    logoutWork: createLogoutWork(),
    emit,
    tellOf,
    audit: { ...defaultAudit, ...options.audit, ...audit },
    formKey: deriveKey(secret, 'latchkey form tokens'),
    issuedHere: createIssuedHere(),
    successorKey: deriveKey(secret, 'latchkey refresh token successors').toString('base64url'),
    metadata() {
      if (metadata === undefined) throw new Error('metadata was asked for before the endpoints were made')
      return metadata
    },
    describe(made) {
      metadata = made
    },
    stopping: stop.signal,
    drain: () => stop.abort(),
  }
}

function acceptedDocuments(
  { clientIdMetadataDocuments: accepted = false }: ProviderOptions,
  needed: Parameters<typeof createMetadataDocuments>[0],
): MetadataDocuments | null {
  if (accepted === false) return null
  return createMetadataDocuments(needed, accepted === true ? {} : accepted)
}

/** A listener that throws must not take a request down with it. */
function safely(listener: ProviderOptions['onEvent']): Parts['emit'] {
  if (listener === undefined) return () => {}
  return (event) => {
    try {
      listener(event)
    } catch {
      return
    }
  }
}

/** What failed in the background has no request to answer. */
function report(parts: Pick<Parts, 'emit' | 'runtime'>, requestId: string, error: unknown): void {
  const detail = `work in the background failed: ${error instanceof Error ? error.message : String(error)}`
  parts.emit({ type: 'request.failed', at: parts.runtime.now(), requestId, detail })
}
