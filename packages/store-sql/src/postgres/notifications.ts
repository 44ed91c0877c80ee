import type { Runtime } from '@latchkey/protocol'
import { type Line, openLine } from './line.ts'

/** News between nodes, on a connection of its own; what is lost while it is broken is looked for when it stands again. */
export interface Notifications {
  /** Listens to `channel`; `onNews` gets each payload, and null after a time in which some may have been missed. */
  listen(channel: string, onNews: (payload: string | null) => void): () => void
  /** Tells the other nodes, soon and together with other news; never rejects. */
  tell(channel: string, payloads: readonly string[]): void
  /** Whether a pooler is in between, which carries no news. */
  readonly isOff: boolean
  close(): Promise<void>
}

interface NotificationOptions {
  readonly runtime: Runtime
  /** A pooler in transaction mode carries no news. */
  readonly isOff: () => boolean
  /** Resolves once the database has answered; then a pooler is mostly known for one. */
  readonly reached: () => Promise<void>
  readonly send: (sql: string, values: readonly (readonly string[])[]) => Promise<unknown>
}

const reconnectSeconds = 1
type Listeners = Map<string, Set<{ readonly call: (payload: string | null) => void }>>

export function createNotifications(connectionString: string, options: NotificationOptions): Notifications {
  const listeners: Listeners = new Map()
  const line = createLine(connectionString, options, listeners)
  let waiting: { channel: string; payload: string }[] = []
  /** After the verb, not inside it: NOTIFY makes transactions wait for each other at their commit. */
  function flush(): void {
    const news = waiting
    waiting = []
    const [channels, payloads] = [news.map((one) => one.channel), news.map((one) => one.payload)]
    options
      .send('select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as news (channel, payload)', [
        channels,
        payloads,
      ])
      .catch(() => {})
  }
  return {
    get isOff() {
      return options.isOff()
    },
    listen(channel, onNews) {
      const entry = { call: onNews }
      const ofChannel = listeners.get(channel) ?? new Set()
      listeners.set(channel, ofChannel.add(entry))
      if (!options.isOff()) line.follow(channel)
      return () => void ofChannel.delete(entry)
    },
    tell(channel, payloads) {
      if (options.isOff() || payloads.length === 0) return
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(...payloads.map((payload) => ({ channel, payload })))
    },
    close: line.close,
  }
}

/** The one connection that listens, made again whenever it breaks. */
function createLine(connectionString: string, { runtime, isOff, reached }: NotificationOptions, listeners: Listeners) {
  let line: Line | undefined
  let isClosed = false
  let isConnecting = false
  function hear(channel: string, payload: string | null): void {
    for (const entry of listeners.get(channel) ?? []) entry.call(payload)
  }
  function again(): void {
    line = undefined
    if (!isClosed) runtime.schedule(reconnectSeconds, () => void connect())
  }
  async function connect(): Promise<void> {
    if (isClosed || isConnecting || line !== undefined) return
    isConnecting = true
    await reached().catch(() => {})
    if (!isOff() && !isClosed) await stand().catch(() => {})
    isConnecting = false
  }
  async function stand(): Promise<void> {
    let isLost = false
    const onLost = () => {
      isLost = true
      again()
    }
    const next = await openLine(connectionString, { runtime, onNews: hear, onLost })
    for (const channel of listeners.keys()) await next.listen(channel)
    if (isClosed) return next.end()
    if (isLost) return
    line = next
    for (const channel of listeners.keys()) hear(channel, null)
  }
  return {
    follow(channel: string): void {
      if (line === undefined) void connect()
      else line.listen(channel).catch(() => {})
    },
    async close(): Promise<void> {
      isClosed = true
      await line?.end()
      line = undefined
    },
  }
}
