import { type ClientMetadata, type Runtime, usesClientSecret } from '@latchkey/protocol'
import type { ClientSecrets } from './client-auth/client-secrets.ts'
import { createStoredOrigins, originsOf } from './client-origins.ts'
import type { ChangedBy, ClientRegistry, RegisteredClient } from './config.ts'
import type { ProviderEvent } from './events.ts'
import type { ClientOrigins } from './http/cors.ts'
import type { Parts } from './parts.ts'
import type { MetadataDocuments } from './registration/metadata-documents.ts'
import type { ClientRecord, Store } from './store/store.ts'

interface RegistryOptions {
  readonly configured: readonly ClientMetadata[]
  readonly store: Pick<Store, 'clients'>
  readonly secrets: ClientSecrets
  /** Clients that are documents, where those are accepted. */
  readonly documents?: MetadataDocuments | null
  readonly runtime: Runtime
  /** Does an act of the store and tells of what it came to. */
  readonly tellOf: Parts['tellOf']
}

/** Clients of the configuration and of the store, as one. Secrets of the configuration are hashed here, or sealed, and forgotten. */
export function createClientRegistry(options: RegistryOptions): ClientRegistry & ClientOrigins {
  const { store, runtime, documents, tellOf } = options
  const configured = new Map(options.configured.map((client) => [client.client_id, fromConfiguration(client, options)]))
  const configuredOrigins = new Set([...configured.values()].flatMap((client) => originsOf(client.metadata)))
  const storedOrigins = createStoredOrigins(store.clients, runtime)
  const isConfigured = (clientId: string) => configured.has(clientId)
  return {
    find(clientId) {
      const known = configured.get(clientId)
      if (known !== undefined) return known
      if (documents?.isAddress(clientId) === true) return documents.find(clientId)
      return findStored(store, clientId)
    },
    list: (query) => listClients([...configured.values()], store, query),
    async create(metadata, { registrationTokenHash, ...by } = {}) {
      const { client_id: clientId } = metadata
      if (isConfigured(clientId)) return { outcome: 'exists' }
      const { record, secret } = newRecord(metadata, options)
      const registration = registrationTokenHash === undefined ? {} : { registrationTokenHash }
      const outcome = await tellOf(
        () => store.clients.create({ ...record, ...registration }),
        (came) => (came === 'created' ? [eventOf('client.registered', clientId, by)] : []),
      )
      if (outcome === 'exists') return { outcome }
      storedOrigins.forget()
      return { outcome: 'created', secret }
    },
    async update(metadata, version, by = {}) {
      const { client_id: clientId } = metadata
      if (isConfigured(clientId)) return 'configured'
      const record = await updatedRecord(store, { metadata, version, now: runtime.now() })
      if (record === null) return 'stale'
      const outcome = await write(record, eventOf('client.changed', clientId, by))
      storedOrigins.forget()
      return outcome
    },
    async renewSecret(clientId, version, { previousSeconds = 0, ...by } = {}) {
      if (isConfigured(clientId)) return { outcome: 'configured' }
      const renewed = await renewedRecord(options, { clientId, version, previousSeconds })
      if (renewed === null) return { outcome: 'stale' }
      const outcome = await write(renewed.record, eventOf('client.secret-renewed', clientId, by))
      return outcome === 'updated' ? { outcome: 'renewed', secret: renewed.secret } : { outcome }
    },
    async delete(clientId, by = {}) {
      if (isConfigured(clientId)) return 'configured'
      const outcome = await tellOf(
        () => store.clients.delete(clientId, Math.floor(runtime.now())),
        (came) => (came === 'deleted' ? [eventOf('client.deleted', clientId, by)] : []),
      )
      storedOrigins.forget()
      return outcome
    },
    isClientOrigin: async (origin) =>
      configuredOrigins.has(origin) ||
      // Any site may be a client then. No answer allows credentials, so that this opens nothing to a page without a token.
      (documents != null && origin.startsWith('https://')) ||
      (await storedOrigins.has(origin)),
  }

  /** Over the version that was read, with the event that tells of it. */
  function write(record: ClientRecord, event: ProviderEvent): Promise<'updated' | 'stale'> {
    return tellOf(
      () => store.clients.update(record),
      (came) => (came === 'updated' ? [event] : []),
    )
  }
  function eventOf(type: ProviderEvent['type'], clientId: string, by: ChangedBy): ProviderEvent {
    return { type, at: runtime.now(), requestId: 'client registry', clientId, ...by }
  }
}

/** An id that cannot be guessed, for clients that are given none. */
export function newClientId(runtime: Runtime): string {
  return Buffer.from(runtime.randomBytes(16)).toString('base64url')
}

type Making = Pick<RegistryOptions, 'secrets' | 'runtime'>

function fromConfiguration(client: ClientMetadata, { secrets, runtime }: Making): RegisteredClient {
  const { client_secret: secret = null, ...metadata } = client
  const now = Math.floor(runtime.now())
  return {
    metadata,
    ...secrets.keep(secret, client),
    origin: 'configuration',
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}

async function findStored(store: RegistryOptions['store'], clientId: string): Promise<RegisteredClient | null> {
  const record = await store.clients.find(clientId)
  return record === null ? null : fromStore(record)
}

function fromStore(record: ClientRecord): RegisteredClient {
  return { ...record, origin: 'store' }
}

function newSecret(runtime: Runtime): string {
  return Buffer.from(runtime.randomBytes(32)).toString('base64url')
}

function newRecord(
  metadata: ClientMetadata,
  { secrets, runtime }: Making,
): { record: ClientRecord; secret: string | null } {
  const { client_secret: _given, ...kept } = metadata
  const secret = usesClientSecret(kept.token_endpoint_auth_method) ? newSecret(runtime) : null
  const now = Math.floor(runtime.now())
  return {
    record: { metadata: kept, ...secrets.keep(secret, kept), version: 1, createdAt: now, updatedAt: now },
    secret,
  }
}

/** Null where the version is not the one that stands. */
async function updatedRecord(
  store: RegistryOptions['store'],
  change: { metadata: ClientMetadata; version: number; now: number },
): Promise<ClientRecord | null> {
  const record = await store.clients.find(change.metadata.client_id)
  if (record === null || record.version !== change.version) return null
  const { client_secret: _given, ...metadata } = change.metadata
  const version = change.version + 1
  return {
    ...withoutNeedlessSecrets(record, metadata.token_endpoint_auth_method),
    metadata,
    version,
    updatedAt: Math.floor(change.now),
  }
}

/** A secret outlives no change to a method that does without it, nor its text one that needs the hash alone. */
function withoutNeedlessSecrets(record: ClientRecord, method: ClientMetadata['token_endpoint_auth_method']) {
  const { sealedSecret, previousSecret, ...bare } = record
  if (!usesClientSecret(method)) return { ...bare, secretHashes: [] }
  if (method === 'client_secret_jwt') return record
  if (previousSecret === undefined) return bare
  const { sealed, ...previous } = previousSecret
  return { ...bare, previousSecret: previous }
}

/** Null where the version is not the one that stands. */
async function renewedRecord(
  { store, secrets, runtime }: RegistryOptions,
  { clientId, version, previousSeconds }: { clientId: string; version: number; previousSeconds: number },
): Promise<{ record: ClientRecord; secret: string } | null> {
  const record = await store.clients.find(clientId)
  if (record === null || record.version !== version) return null
  const secret = newSecret(runtime)
  const { sealedSecret, previousSecret, ...bare } = record
  const now = Math.floor(runtime.now())
  const succeeded = secrets.succeed(record, secret, previousSeconds === 0 ? null : now + previousSeconds)
  return { record: { ...bare, ...succeeded, version: version + 1, updatedAt: now }, secret }
}

async function listClients(
  configured: readonly RegisteredClient[],
  store: RegistryOptions['store'],
  query: { search?: string; after?: string; limit: number },
): Promise<readonly RegisteredClient[]> {
  const search = query.search?.toLowerCase() ?? ''
  const after = query.after ?? ''
  const shown = configured.filter(
    ({ metadata }) =>
      metadata.client_id > after &&
      `${metadata.client_id}\n${metadata.client_name ?? ''}`.toLowerCase().includes(search),
  )
  const hidden = new Set(configured.map((client) => client.metadata.client_id))
  const stored = (await store.clients.list({ ...query, limit: query.limit + hidden.size }))
    .filter((record) => !hidden.has(record.metadata.client_id))
    .map(fromStore)
  return [...shown, ...stored]
    .sort((a, b) => (a.metadata.client_id < b.metadata.client_id ? -1 : 1))
    .slice(0, query.limit)
}
