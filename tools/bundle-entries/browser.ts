/** What a page without further parts takes from the browser client: the core with `fetch`; bundlers leave the rest out. */
export { ConfigError, createAuth, ProtocolError } from '@latchkey/browser'
