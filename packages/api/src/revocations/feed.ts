import {
  type AccessTokenClaims,
  ProtocolError,
  type RevocationEvent,
  type Runtime,
  readRevocation,
} from '@latchkey/protocol'
import type { GuardEvent } from '../guard-event.ts'
import type { KeySource } from '../key-source.ts'
import { connectFeed } from './feed-connection.ts'
import { readFeedFile, writeFeedFile } from './feed-file.ts'
import { createFeedReader } from './feed-reader.ts'
import { defaultLimit, defaultMaxAgeSeconds, type RevocationOptions } from './options.ts'
import { createRevokedIds, type RevokedIds, rowWords } from './revoked-ids.ts'

/** What one provider has taken back, held in memory and kept up to date. */
export interface RevocationFeed {
  readonly whenStale: 'introspect' | 'refuse' | 'accept'
  /** Grows with each revocation: what was clear at one version needs no look-up until the next. */
  readonly version: number
  covers(claims: AccessTokenClaims, kid: string | undefined): boolean
  /** Whether the feed was complete no longer than `maxAgeSeconds` before `now`. */
  isFresh(now: number): boolean
  /** Resolves once it is known whether the feed is complete, or five seconds after the start. */
  ready(): Promise<void>
  /** Calls after each revocation. */
  subscribe(listener: () => void): () => void
  state(): { readonly fresh: boolean; readonly ageSeconds: number; readonly held: number; readonly bytes: number }
  close(): Promise<void>
}

interface FeedOptions {
  readonly keySource: KeySource
  readonly options: RevocationOptions
  readonly runtime: Runtime
  readonly onError: (error: unknown) => void
  readonly onEvent: (event: GuardEvent) => void
}

/** What changed is kept after this long; a large table after longer, or it would be written all the time. */
const saveSeconds = (bytes: number) => 5 + bytes / 1_000_000
/** What did not change is kept again for its instant alone. */
const saveUnchangedSeconds = 60
const longestWaitSeconds = 5
/** How long after there was no room everything is asked for again: by then something expired, or the limit was raised. */
const crampedSeconds = 60

export function createRevocationFeed({ keySource, options, runtime, onError, onEvent }: FeedOptions): RevocationFeed {
  const { maxAgeSeconds = defaultMaxAgeSeconds, whenStale = 'introspect', limit = defaultLimit, persistTo } = options
  const listeners = new Set<() => void>()
  let held: RevokedIds = createRevokedIds({ seed: newSeed(runtime), limit })
  let version = 0
  let cursor: string | null = null
  let syncedAt = Number.NEGATIVE_INFINITY
  /** When what was kept was complete. It counts once the provider could not be heard: it may know of more since. */
  let keptAt = Number.NEGATIVE_INFINITY
  /** When there was no room: what is held is not all there is until a snapshot fits. */
  let overflowedAt: number | null = null
  let saved = { version: 0, at: Number.NEGATIVE_INFINITY }
  let saving = Promise.resolve()
  let cancelSave: (() => void) | null = null
  let becameReady: () => void = () => undefined
  /** One wait for all: while the provider is down, only the first requests are held up. */
  const started = new Promise<void>((resolve) => {
    const cancel = runtime.schedule(longestWaitSeconds, () => {
      if (overflowedAt === null) syncedAt = Math.max(syncedAt, keptAt)
      resolve()
    })
    becameReady = () => {
      cancel()
      resolve()
    }
  })

  function add(events: readonly RevocationEvent[]): void {
    const now = runtime.now()
    for (const event of events) if (!held.add(event, now)) overflow(now)
    if (events.length === 0) return
    version++
    for (const listener of listeners) listener()
  }

  /** From now on the feed counts as stale; nobody waits for it. */
  function overflow(now: number): void {
    syncedAt = Number.NEGATIVE_INFINITY
    becameReady()
    if (overflowedAt === null) onError(noRoom(limit))
    overflowedAt ??= now
  }

  /** The feed was complete at `at`. @throws ProtocolError to begin anew, where not all of it was held */
  function synced(at: number, entries: number): void {
    if (overflowedAt !== null && runtime.now() >= overflowedAt + crampedSeconds) throw noRoom(limit)
    if (overflowedAt !== null) return
    syncedAt = Math.max(syncedAt, at)
    becameReady()
    onEvent({ type: 'feed', entries, lagSeconds: Math.max(0, runtime.now() - at), held: held.size })
    const isDue = version !== saved.version || runtime.now() >= saved.at + saveUnchangedSeconds
    if (persistTo !== undefined && isDue) cancelSave ??= runtime.schedule(saveSeconds(held.bytes), save)
  }

  async function load(): Promise<void> {
    const kept = persistTo === undefined ? null : await readFeedFile(persistTo)
    if (kept === null || kept.issuer !== keySource.issuer || kept.rows.length > limit * rowWords) return
    held = createRevokedIds({ seed: kept.seed, limit, rows: kept.rows })
    cursor = kept.cursor
    keptAt = Math.min(kept.syncedAt, runtime.now())
    version++
  }

  /** One after the other: an older state never comes last. */
  function save(): void {
    cancelSave?.()
    cancelSave = null
    saving = saving.then(write)
  }

  async function write(): Promise<void> {
    if (persistTo === undefined || cursor === null || overflowedAt !== null) return
    saved = { version, at: runtime.now() }
    const kept = { issuer: keySource.issuer, cursor, syncedAt, ...held.dump() }
    try {
      await writeFeedFile(persistTo, kept, newSeed(runtime).toString(36))
    } catch (error) {
      onError(error)
    }
  }

  const reader = createFeedReader({
    connection: connectFeed(keySource, options, runtime),
    transport: options.transport ?? 'stream',
    runtime,
    onError,
    load,
    cursor: () => (overflowedAt === null ? cursor : null),
    beginAnew() {
      cursor = null
      overflowedAt = null
    },
    take: add,
    takeToken(claims) {
      const event = readRevocation(claims)
      if (event !== null) add([event])
    },
    goOnFrom(next) {
      cursor = next
    },
    synced,
  })

  const isFresh = (now: number) => now - syncedAt <= maxAgeSeconds
  return {
    whenStale,
    get version() {
      return version
    },
    covers: (claims, kid) => held.covers(claims, kid),
    isFresh,
    ready: () => started,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    state() {
      const now = runtime.now()
      return { fresh: isFresh(now), ageSeconds: now - syncedAt, held: held.size, bytes: held.bytes }
    },
    async close() {
      await reader.close()
      save()
      await saving
    },
  }
}

function noRoom(limit: number): ProtocolError {
  const message = `the provider has revoked more than ${limit} ids that are not expired: raise revocations.limit. Until then the feed counts as stale`
  return new ProtocolError('response_invalid', message, { retryable: true })
}

function newSeed(runtime: Runtime): number {
  return new DataView(runtime.randomBytes(4).slice().buffer).getUint32(0)
}
