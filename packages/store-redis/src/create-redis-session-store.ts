import type { BffSessionRecord, EndReason, RefreshClaim, SessionFilter, SessionStore } from '@latchkey/bff'
import { ConfigError, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { openRedis, type Redis, type RedisConnection } from './redis.ts'

export interface RedisSessionStoreOptions extends RedisConnection {
  /** What every key begins with; `{latchkey}:bff:` unless given. */
  readonly prefix?: string
  /** Seconds to wait for a connection or an answer before a verb rejects; 5 unless given. */
  readonly waitSeconds?: number
  readonly runtime?: Runtime
}

/**
 * The BFF's sessions in Redis (one server, or one with replicas; no cluster). As durable as `appendfsync` says; verbs reject with `OAuthError`
 * `temporarily_unavailable` while Redis is away. @throws ConfigError when the options name no place, or two
 */
export function createRedisSessionStore(options: RedisSessionStoreOptions): SessionStore {
  if ((options.url === undefined) === (options.socketPath === undefined))
    throw new ConfigError(['Name one place for the sessions: either `url` or `socketPath`.'])
  const { prefix = '{latchkey}:bff:', waitSeconds = 5, runtime = systemRuntime } = options
  const redis = openRedis({ ...options, prefix, waitSeconds, runtime })
  const origin = Buffer.from(runtime.randomBytes(9)).toString('base64url')
  const changes = createChanges(redis, { channel: `${prefix}changes`, origin })
  const parts: Parts = { redis, origin, tell: changes.tell }
  return {
    ...lifetime(parts),
    ...renewal(parts),
    ...revocation(parts),
    rememberOnce: async (key, expiresAt, now) => (await redis.run('rememberOnce', key, expiresAt, now)) === 1,
    sweep: (now, limit) => sweep(redis, now, limit),
    subscribe: changes.subscribe,
    async close() {
      changes.close()
      await redis.close()
    },
  }
}

interface Parts {
  readonly redis: Redis
  /** Whose news these are: this process has told its own listeners itself. */
  readonly origin: string
  readonly tell: (hash: string) => void
}

/** Listeners of this process hear at once, those of other processes by PUBLISH, which each script does itself. */
function createChanges(redis: Redis, { channel, origin }: { readonly channel: string; readonly origin: string }) {
  const listeners = new Set<{ readonly call: (hash: string | null) => void }>()
  let deafen: (() => void) | undefined
  function tell(hash: string | null): void {
    for (const entry of listeners) queueMicrotask(() => entry.call(hash))
  }
  function hear(message: string | null): void {
    const [from, hash = null] = message?.split(' ') ?? []
    if (from !== origin) tell(hash)
  }
  function close(): void {
    deafen?.()
    deafen = undefined
  }
  return {
    tell,
    close,
    subscribe(listener: (hash: string | null) => void): () => void {
      const entry = { call: listener }
      listeners.add(entry)
      deafen ??= redis.listen(channel, hear)
      return () => {
        listeners.delete(entry)
        if (listeners.size === 0) close()
      }
    },
  }
}

function lifetime({ redis, origin, tell }: Parts): Pick<SessionStore, 'create' | 'load' | 'touch'> {
  return {
    async create(record, replaces) {
      const { hash, sid, ...always } = record
      const fields = Object.entries({ ...always, ...(sid === null ? {} : { sid }), fence: 0 }).flat()
      const end = Math.min(record.idleExpiresAt, record.absoluteExpiresAt)
      const answer = await redis.run('create', origin, replaces ?? '', record.createdAt, hash, end, ...fields)
      const [made, ended] = answer as [number, number]
      if (made === 0) throw new Error('a session with this hash exists or has existed')
      if (ended === 1 && replaces !== null) tell(replaces)
    },
    async load(hash, now) {
      const found = (await redis.run('list', 'hash', hash, '', 1, now)) as string[][]
      return found[0] === undefined ? null : recordOf(found[0])
    },
    touch: async (hash, { now, idleExpiresAt }) => (await redis.run('touch', hash, now, idleExpiresAt)) === 1,
  }
}

type Verb = 'claimRefresh' | 'announceRequest' | 'renewLease' | 'commitTokens' | 'releaseRefresh' | 'isGone'

function renewal({ redis, origin, tell }: Parts): Pick<SessionStore, Verb> {
  return {
    async claimRefresh(hash, version, { now, leaseSeconds, instead = '' }) {
      const answer = await redis.run('claimRefresh', hash, version, now, now + leaseSeconds, origin, instead)
      const [outcome, fence, ...held] = answer as [RefreshClaim['outcome'], string, ...string[]]
      if (outcome === 'claimed') return { outcome, fence: Number(fence) }
      return outcome === 'busy' ? busyWith(Number(fence), held) : { outcome }
    },
    async announceRequest(hash, fence, { now, leaseSeconds, answerBy }) {
      return (await redis.run('announceRequest', hash, fence, now, now + leaseSeconds, answerBy)) === 1
    },
    async renewLease(hash, fence, { now, leaseSeconds }) {
      return (await redis.run('renewLease', hash, fence, now, now + leaseSeconds)) === 1
    },
    async commitTokens(hash, { sealedTokens, version, fence, now }) {
      const answer = await redis.run('commitTokens', hash, version, fence, now, sealedTokens, origin)
      if (answer === 'committed') tell(hash)
      return answer as 'committed' | 'superseded' | 'gone'
    },
    async releaseRefresh(hash, fence) {
      await redis.run('releaseRefresh', hash, fence)
    },
    isGone: async () => false,
  }
}

function busyWith(fence: number, [holder = '', leaseEndsAt, askedAt = '', answerBy]: readonly string[]): RefreshClaim {
  const asked = askedAt === '' ? null : { at: Number(askedAt), answerBy: Number(answerBy) }
  return { outcome: 'busy', fence, holder, leaseEndsAt: Number(leaseEndsAt), asked }
}

function revocation({ redis, origin, tell }: Parts): Pick<SessionStore, 'revoke' | 'whyEnded' | 'list'> {
  return {
    async revoke(filter, now, because = 'revoked') {
      const answer = await redis.run('revoke', ...named(filter), now, origin, because)
      const [lived, ended] = answer as [number, string[]]
      for (const hash of ended) tell(hash)
      return lived
    },
    async whyEnded(hash) {
      const because = await redis.run('whyEnded', hash)
      return because === '' ? null : (because as EndReason)
    },
    async list(filter, { after = '', limit, now }) {
      const found = (await redis.run('list', ...named(filter), after, limit, now)) as string[][]
      return found.map(recordOf)
    },
  }
}

/** So many rows go in one script, so that nobody waits long for a sweep. */
const batchSize = 200

async function sweep(redis: Redis, now: number, limit: number): Promise<number> {
  let gone = 0
  for (let full = true; full && gone < limit; ) {
    const size = Math.min(batchSize, limit - gone)
    const went = Number(await redis.run('sweep', now, size))
    gone += went
    full = went === size
  }
  return gone
}

/** The kind and the value that scripts look for. */
function named(filter: SessionFilter): readonly [string, string] {
  if ('hash' in filter) return ['hash', filter.hash]
  if ('sub' in filter) return ['sub', filter.sub]
  if (!('sid' in filter)) return ['client', filter.clientId]
  return ['sid', `${filter.clientId} ${filter.sid}`]
}

/** A hash, then fields and values. */
function recordOf([hash = '', ...list]: readonly string[]): BffSessionRecord {
  const fields = new Map<string, string>()
  for (let at = 0; at < list.length; at += 2) fields.set(list[at] ?? '', list[at + 1] ?? '')
  const text = (name: string): string => fields.get(name) ?? ''
  const number = (name: string): number => Number(fields.get(name))
  return {
    hash,
    sub: text('sub'),
    sid: fields.get('sid') ?? null,
    clientId: text('clientId'),
    sealedTokens: text('sealedTokens'),
    version: number('version'),
    createdAt: number('createdAt'),
    lastSeenAt: number('lastSeenAt'),
    idleExpiresAt: number('idleExpiresAt'),
    absoluteExpiresAt: number('absoluteExpiresAt'),
  }
}
