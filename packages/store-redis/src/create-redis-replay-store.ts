import { ConfigError, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { openRedis, type RedisConnection } from './redis.ts'

export interface RedisReplayStoreOptions extends RedisConnection {
  /** What every key begins with; `{latchkey}:api:` unless given. */
  readonly prefix?: string
  /** Seconds to wait for a connection or an answer before a proof is refused for the moment; 2 unless given. */
  readonly waitSeconds?: number
  readonly runtime?: Runtime
}

/** DPoP proofs that an API has seen, for all its processes. @spec RFC 9449 §11.1 */
export interface RedisReplayStore {
  /**
   * True for the first caller with this key before `expiresAt` (epoch seconds), false for every other.
   * @throws OAuthError `temporarily_unavailable` while Redis is away: no proof passes unseen
   */
  remember(key: string, expiresAt: number, now: number): Promise<boolean>
  close(): Promise<void>
}

/** Keys go by themselves; Redis must not evict them before (`maxmemory-policy noeviction`). @throws ConfigError when the options name no place, or two */
export function createRedisReplayStore(options: RedisReplayStoreOptions): RedisReplayStore {
  if ((options.url === undefined) === (options.socketPath === undefined))
    throw new ConfigError(['Name one place for the proofs: either `url` or `socketPath`.'])
  const { prefix = '{latchkey}:api:', waitSeconds = 2, runtime = systemRuntime } = options
  const redis = openRedis({ ...options, prefix, waitSeconds, runtime })
  return {
    remember: async (key, expiresAt, now) => (await redis.run('rememberProof', key, expiresAt, now)) === 1,
    close: () => redis.close(),
  }
}
