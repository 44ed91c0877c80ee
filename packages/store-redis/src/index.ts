export { createRedisSessionStore, type RedisSessionStoreOptions } from './create-redis-session-store.ts'
