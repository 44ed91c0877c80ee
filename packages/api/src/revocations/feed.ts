import { type AccessTokenClaims, type RevocationEvent, type Runtime, readRevocation } from '@latchkey/protocol'
import type { GuardEvent } from '../guard-event.ts'
import type { KeySource } from '../key-source.ts'
import { connectFeed } from './feed-connection.ts'
import { readFeedFile, writeFeedFile } from './feed-file.ts'
import { createFeedReader } from './feed-reader.ts'
import { defaultLimit, defaultMaxAgeSeconds, type RevocationOptions } from './options.ts'
import { createRevokedIds, type RevokedIds } from './revoked-ids.ts'

/** What one provider has taken back, held in memory and kept up to date. */
export interface RevocationFeed {
  readonly whenStale: 'introspect' | 'refuse' | 'accept'
  /** Grows with each revocation: what was clear at one version needs no look-up until the next. */
  readonly version: number
  covers(claims: AccessTokenClaims, kid: string | undefined): boolean
  /** Whether the feed was complete no longer than `maxAgeSeconds` before `now`. */
  isFresh(now: number): boolean
  /** Resolves once the feed was complete for the first time, or five seconds after the start. */
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

const saveEverySeconds = 5
const longestWaitSeconds = 5

export function createRevocationFeed({ keySource, options, runtime, onError, onEvent }: FeedOptions): RevocationFeed {
  const { maxAgeSeconds = defaultMaxAgeSeconds, whenStale = 'introspect', limit = defaultLimit, persistTo } = options
  const listeners = new Set<() => void>()
  let held: RevokedIds = createRevokedIds({ seed: newSeed(runtime), limit })
  let version = 0
  let cursor: string | null = null
  let syncedAt = Number.NEGATIVE_INFINITY
  /** Set when there was no room: what is held is not all there is until a snapshot fits. */
  let overflowed = false
  let savedVersion = 0
  let cancelSave: (() => void) | null = null
  let becameReady: () => void = () => undefined
  /** One wait for all: while the provider is down, only the first requests are held up. */
  const started = new Promise<void>((resolve) => {
    const cancel = runtime.schedule(longestWaitSeconds, resolve)
    becameReady = () => {
      cancel()
      resolve()
    }
  })

  function add(events: readonly RevocationEvent[]): void {
    const now = runtime.now()
    for (const event of events) if (!held.add(event, now)) overflowed = true
    if (events.length === 0) return
    version++
    for (const listener of listeners) listener()
  }

  /** The feed was complete at `at`. */
  function synced(at: number, entries: number): void {
    if (overflowed) return
    syncedAt = Math.max(syncedAt, at)
    becameReady()
    onEvent({ type: 'feed', entries, lagSeconds: Math.max(0, runtime.now() - at), held: held.size })
    if (persistTo !== undefined) cancelSave ??= runtime.schedule(saveEverySeconds, () => void save())
  }

  async function load(): Promise<void> {
    const kept = persistTo === undefined ? null : await readFeedFile(persistTo)
    if (kept === null || kept.issuer !== keySource.issuer) return
    held = createRevokedIds({ seed: kept.seed, limit, rows: kept.rows })
    cursor = kept.cursor
    syncedAt = Math.min(kept.syncedAt, runtime.now())
    version++
  }

  async function save(): Promise<void> {
    cancelSave?.()
    cancelSave = null
    if (persistTo === undefined || cursor === null || overflowed) return
    savedVersion = version
    const { seed, rows } = held.dump()
    try {
      await writeFeedFile(persistTo, { issuer: keySource.issuer, seed, cursor, syncedAt, rows })
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
    cursor: () => (overflowed ? null : cursor),
    beginSnapshot() {
      overflowed = false
    },
    take(events, upTo) {
      add(events)
      cursor = upTo
    },
    takeToken(claims, upTo) {
      const event = readRevocation(claims)
      add(event === null ? [] : [event])
      cursor = upTo
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
      if (version !== savedVersion || cancelSave !== null) await save()
      cancelSave?.()
    },
  }
}

function newSeed(runtime: Runtime): number {
  return new DataView(runtime.randomBytes(4).slice().buffer).getUint32(0)
}
