export * from './core.ts'
/** In the core's place: with `fetch`, and in browsers without Web Locks, too. */
export { createAuthWithFetch as createAuth } from './create-auth-with-fetch.ts'
export { everyBrowserPlatform as browserPlatform } from './platform/every-browser-platform.ts'
