export {
  createRedisReplayStore,
  type RedisReplayStore,
  type RedisReplayStoreOptions,
} from './create-redis-replay-store.ts'
export { createRedisSessionStore, type RedisSessionStoreOptions } from './create-redis-session-store.ts'
