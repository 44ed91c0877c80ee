import { ProtocolError, type Runtime } from '@latchkey/protocol'
import { discoverIssuer, type IssuerMetadata } from './discovery.ts'
import { fetchJson } from './fetch-json.ts'
import { type KeySet, readJwks } from './jwks.ts'

const defaultFreshSeconds = 300
const freshSecondsBounds = { least: 60, most: 3600 }
/** How long after going stale keys serve while a refresh runs behind them. */
const staleSeconds = 300
/** How long keys outlive a provider that cannot be reached. */
const outageSeconds = 86_400
const unknownKidCooldownSeconds = 30
const longestBackoffSeconds = 30
const rediscoverSeconds = 3600

/** The provider's keys, kept fresh, and the metadata they were found by. */
export interface KeySource {
  readonly issuer: string
  /** @throws ProtocolError `keys_unavailable` while the provider cannot be reached */
  metadata(): Promise<IssuerMetadata>
  /** What the provider says that access tokens are signed with, once that is known. */
  algorithms(): ReadonlySet<string> | null
  /** The keys when they may be used at once; asks for newer ones behind the scenes when they are stale. */
  current(now?: number): KeySet | null
  /** @throws ProtocolError `keys_unavailable` when there are none and none can be had */
  load(): Promise<KeySet>
  /** Newer keys for a `kid` nobody knows, or null while the cool-down lasts. @throws ProtocolError `keys_unavailable` */
  refreshForUnknownKid(): Promise<KeySet | null>
}

interface Outage {
  readonly error: unknown
  readonly attempts: number
  readonly retryAt: number
}

interface KeySourceOptions {
  readonly issuer: string
  readonly runtime: Runtime
  readonly onError: (error: unknown) => void
}

/** Holds the JWK Set: one fetch at a time, backing off while the provider is down. */
export function createKeySource({ issuer, runtime, onError }: KeySourceOptions): KeySource {
  let keys: KeySet | null = null
  let loadedAt = 0
  let freshUntil = 0
  let inFlight: Promise<KeySet> | null = null
  let outage: Outage | null = null
  let cooldownUntil = 0
  let discovered: { readonly metadata: IssuerMetadata; readonly at: number } | null = null

  function current(now = runtime.now()): KeySet | null {
    if (keys === null || now < freshUntil) return keys
    if (now >= loadedAt + outageSeconds) return null
    if (outage === null && now >= freshUntil + staleSeconds) return null
    if (outage === null || now >= outage.retryAt) refresh().catch(() => undefined)
    return keys
  }

  async function load(): Promise<KeySet> {
    try {
      return await refresh()
    } catch (error) {
      if (keys !== null && runtime.now() < loadedAt + outageSeconds) return keys
      throw error
    }
  }

  async function refreshForUnknownKid(): Promise<KeySet | null> {
    const now = runtime.now()
    if (inFlight !== null) return inFlight
    if (outage !== null && now < outage.retryAt) throw unavailable(outage)
    if (now < cooldownUntil) return null
    cooldownUntil = now + unknownKidCooldownSeconds
    return refresh()
  }

  async function metadata(): Promise<IssuerMetadata> {
    if (discovered === null) await load()
    if (discovered === null) throw new ProtocolError('discovery_failed', `"${issuer}" was not discovered`)
    return discovered.metadata
  }

  async function refresh(): Promise<KeySet> {
    if (inFlight !== null) return inFlight
    if (outage !== null && runtime.now() < outage.retryAt) throw unavailable(outage)
    inFlight = fetchKeys().catch(remember)
    try {
      return await inFlight
    } finally {
      inFlight = null
    }
  }

  async function fetchKeys(): Promise<KeySet> {
    const startedAt = runtime.now()
    if (discovered === null || outage !== null || startedAt >= discovered.at + rediscoverSeconds) {
      discovered = { metadata: await discoverIssuer(runtime, issuer), at: startedAt }
    }
    const { jwksUri } = discovered.metadata
    const document = await fetchJson(runtime, jwksUri)
    const found = document === 'not found' ? null : readJwks(document.body, keys)
    if (document === 'not found' || found === null) {
      throw new ProtocolError('response_invalid', `${jwksUri} has no JWK Set`, { retryable: true })
    }
    const { least, most } = freshSecondsBounds
    const freshSeconds = Math.min(most, Math.max(least, document.maxAgeSeconds ?? defaultFreshSeconds))
    keys = found
    loadedAt = startedAt
    freshUntil = startedAt + freshSeconds
    outage = null
    return found
  }

  function remember(error: unknown): never {
    const attempts = (outage?.attempts ?? 0) + 1
    const backoff = Math.min(longestBackoffSeconds, 2 ** (attempts - 1))
    outage = { error, attempts, retryAt: runtime.now() + backoff }
    onError(error)
    throw unavailable(outage)
  }

  function unavailable({ error, retryAt }: Outage): ProtocolError {
    const why = error instanceof Error ? error.message : 'unknown failure'
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAt - runtime.now()))
    const message = `the keys of ${issuer} cannot be had: ${why}`
    return new ProtocolError('keys_unavailable', message, { cause: error, retryable: true, retryAfterSeconds })
  }

  const algorithms = () => discovered?.metadata.accessTokenAlgorithms ?? null
  return { issuer, current, load, refreshForUnknownKid, metadata, algorithms }
}
