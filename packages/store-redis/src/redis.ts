import { OAuthError, type Runtime } from '@latchkey/protocol'
import { createClient, ErrorReply } from 'redis'
import { type ScriptName, scriptText } from './scripts.ts'

export interface RedisConnection {
  /** `redis://user:password@host:port/database`, or `rediss://` for TLS. */
  readonly url?: string
  /** The path of a Unix socket, in place of `url`. */
  readonly socketPath?: string
}

export interface RedisOptions extends RedisConnection {
  readonly runtime: Runtime
  readonly prefix: string
  /** How long to wait for a connection, and for an answer. */
  readonly waitSeconds: number
}

/** Runs the scripts; answers as Redis gave them. */
export interface Redis {
  run(name: ScriptName, ...given: readonly (string | number)[]): Promise<unknown>
  /** Calls `hear` with every message of the channel until the returned function is called, and with null after some may have been lost. */
  listen(channel: string, hear: (message: string | null) => void): () => void
  close(): Promise<void>
}

/** Connects in the background, and again whenever the connection breaks. */
export function openRedis(options: RedisOptions): Redis {
  const client = connect(options)
  const place = placeOf(options)
  const known = new Map<ScriptName, string>()
  const ready = readiness(client)

  async function load(name: ScriptName): Promise<string> {
    const sha = await client.scriptLoad(scriptText(name))
    known.set(name, sha)
    return sha
  }
  async function evaluate(name: ScriptName, given: readonly string[], isGivenUp: () => boolean): Promise<unknown> {
    const keyed = { keys: [options.prefix], arguments: [...given] }
    await ready()
    // Whoever asked has been told that it did not work: now it must not work after all.
    if (isGivenUp()) return null
    try {
      return await client.evalSha(known.get(name) ?? (await load(name)), keyed)
    } catch (error) {
      // Redis forgets scripts when it starts anew; nothing has run.
      if (!(error instanceof ErrorReply) || !error.message.startsWith('NOSCRIPT')) throw error
      return client.evalSha(await load(name), keyed)
    }
  }
  return {
    async run(name, ...given) {
      try {
        return await within(options, (isGivenUp) => evaluate(name, given.map(String), isGivenUp))
      } catch (error) {
        if (isItsOwn(error)) throw error
        throw new OAuthError('temporarily_unavailable', 'The server cannot reach its data at the moment.', {
          detail: `Redis at ${place}: ${error instanceof Error ? error.message : String(error)}`,
          retryAfterSeconds: 2,
          cause: error,
        })
      }
    },
    listen(channel, hear) {
      const listener = connect(options)
      let isSubscribed = false
      const subscribe = async (): Promise<void> => {
        await listener.subscribe(channel, hear)
        isSubscribed = true
      }
      listener.on('ready', () => {
        // What was subscribed is so again by itself, before the connection is said to stand.
        if (isSubscribed) hear(null)
        else subscribe().catch(() => {})
      })
      return () => listener.destroy()
    },
    async close() {
      client.destroy()
    },
  }
}

type Client = ReturnType<typeof connect>

function connect({ url, socketPath }: RedisConnection) {
  const client = createClient({
    ...(url === undefined ? {} : { url }),
    // A command that waits for a connection may run when nobody waits for it any more.
    disableOfflineQueue: true,
    socket: {
      ...(socketPath === undefined ? {} : { path: socketPath, tls: false }),
      reconnectStrategy: (retries: number) => Math.min(retries * 50, 1000),
    },
  })
  // What breaks is told by the next command, to whoever gave it.
  client.on('error', () => {})
  client.connect().catch(() => {})
  return client
}

/** Resolves when the connection stands; all who wait do so together. */
function readiness(client: Client): () => Promise<void> {
  let waiting: Promise<void> | null = null
  return async () => {
    if (client.isReady) return
    waiting ??= new Promise<void>((resolve) => void client.once('ready', () => resolve())).finally(() => {
      waiting = null
    })
    await waiting
  }
}

function within<T>({ runtime, waitSeconds }: RedisOptions, work: (isGivenUp: () => boolean) => Promise<T>): Promise<T> {
  let givenUp = false
  return new Promise((resolve, reject) => {
    const cancel = runtime.schedule(waitSeconds, () => {
      givenUp = true
      reject(new Error(`no answer within ${waitSeconds} s`))
    })
    work(() => givenUp)
      .then(resolve, reject)
      .finally(cancel)
  })
}

const passing = /^(LOADING|BUSY|READONLY|OOM|MASTERDOWN|MISCONF|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|NOAUTH|NOPERM)\b/

/** Whether Redis refused the command itself, rather than being away or unable for now. */
function isItsOwn(error: unknown): boolean {
  return error instanceof ErrorReply && !passing.test(error.message)
}

function placeOf({ url, socketPath }: RedisConnection): string {
  if (socketPath !== undefined) return socketPath
  return url !== undefined && URL.canParse(url) ? new URL(url).host : 'localhost'
}
