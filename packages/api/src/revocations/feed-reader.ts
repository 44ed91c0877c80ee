import { ProtocolError, type RevocationEvent, type Runtime } from '@latchkey/protocol'
import { createFeedClock, type FeedClock } from './feed-clock.ts'
import type { FeedConnection } from './feed-connection.ts'

type Claims = Readonly<Record<string, unknown>>

export interface FeedReaderOptions {
  readonly connection: FeedConnection
  readonly transport: 'stream' | 'poll'
  readonly runtime: Runtime
  readonly onError: (error: unknown) => void
  /** Reads what was kept, before anything is asked. */
  load(): Promise<void>
  /** Where to go on, or null to begin with a snapshot. */
  cursor(): string | null
  /** There is nowhere to go on from, until a snapshot was taken whole. */
  beginAnew(): void
  take(events: readonly RevocationEvent[]): void
  takeToken(claims: Claims): void
  /** Everything up to here was taken. */
  goOnFrom(cursor: string): void
  /** Everything that the provider knew at `at` (our clock) was taken. */
  synced(at: number, entries: number): void
}

/** A connection on which nothing came for this long is dead. */
const silenceSeconds = 15
const longestPauseSeconds = 10

class ResetError extends Error {}

/** Keeps the feed flowing: snapshot, then stream or poll from where it stands, over and over. */
export function createFeedReader(options: FeedReaderOptions): { close(): Promise<void> } {
  const { runtime, onError } = options
  let abort = new AbortController()
  let closed = false
  let failures = 0
  let wake = () => {}
  /** Up to where pages of a snapshot were taken: one that breaks off goes on there. */
  let snapshotAfter = 0

  async function run(): Promise<void> {
    await options.load()
    while (!closed) {
      abort = new AbortController()
      const watch = createWatch(runtime, abort)
      try {
        await follow(watch)
      } catch (error) {
        if (!closed && !(error instanceof ResetError)) onError(error)
        failures++
      } finally {
        watch.stop()
        abort.abort()
      }
      if (!closed) await pause(Math.min(longestPauseSeconds, 0.1 * 2 ** Math.min(failures, 10)))
    }
  }

  async function follow(watch: Watch): Promise<void> {
    const cursor = options.cursor() ?? (await takeSnapshot(watch))
    const clock = createFeedClock(runtime)
    if (options.transport === 'poll') await followPolls(cursor, watch, clock)
    else await followStream(cursor, watch, clock)
  }

  async function takeSnapshot(watch: Watch): Promise<string> {
    if (snapshotAfter === 0) options.beginAnew()
    for (;;) {
      const page = await options.connection.snapshot(snapshotAfter, abort.signal)
      watch.heard()
      options.take(page.entries)
      snapshotAfter = page.more ? page.upTo : 0
      if (page.more) continue
      options.goOnFrom(page.cursor)
      return page.cursor
    }
  }

  async function followStream(cursor: string, watch: Watch, clock: FeedClock): Promise<void> {
    let entries = 0
    for await (const { id, event, data } of await options.connection.stream(cursor, abort.signal)) {
      watch.heard()
      failures = 0
      if (event === 'reset') return reset()
      if (event === 'synced') {
        options.synced(clock.ours(Number(data)), entries)
        entries = 0
      } else if (event === 'set' && id !== undefined) {
        options.takeToken(await options.connection.verify(data))
        options.goOnFrom(id)
        entries++
      }
    }
    throw new ProtocolError('unreachable', 'the revocation stream ended', { retryable: true })
  }

  async function followPolls(from: string, watch: Watch, clock: FeedClock): Promise<void> {
    let wait = false
    for (let cursor = from; !closed; wait = true) {
      const answer = await options.connection.poll(cursor, { wait, signal: abort.signal })
      watch.heard()
      failures = 0
      if (answer.reset === true) return reset()
      const sets = Object.values((answer.sets ?? {}) as Claims)
      if (typeof answer.cursor !== 'string')
        throw new ProtocolError('response_invalid', 'a poll was answered without a cursor')
      const claims: Claims[] = []
      for (const token of sets) if (typeof token === 'string') claims.push(await options.connection.verify(token))
      cursor = answer.cursor
      for (const one of claims) options.takeToken(one)
      options.goOnFrom(cursor)
      if (answer.moreAvailable !== true) options.synced(clock.ours(Number(answer.at)), sets.length)
    }
  }

  /** The provider does not know where we stand. */
  function reset(): never {
    snapshotAfter = 0
    options.beginAnew()
    throw new ResetError()
  }

  function pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = runtime.schedule(seconds, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })
  }

  const running = run()
  return {
    async close() {
      closed = true
      abort.abort()
      wake()
      await running
    },
  }
}

interface Watch {
  heard(): void
  stop(): void
}

/** Ends a connection that has gone silent. */
function createWatch(runtime: Runtime, abort: AbortController): Watch {
  const begin = () => runtime.schedule(silenceSeconds, () => abort.abort())
  let cancel = begin()
  return {
    heard() {
      cancel()
      cancel = begin()
    },
    stop: () => cancel(),
  }
}
