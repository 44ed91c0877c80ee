export * from './core.ts'
/** In the core's place. */
export { createAuthWithFetch as createAuth } from './create-auth-with-fetch.ts'
