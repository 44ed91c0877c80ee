/** What performance.md counts as the core: sign-in, callback, renewal, revocation, sign-out, tabs. */
export { ConfigError, createAuth, ProtocolError } from '@latchkey/browser/core'
