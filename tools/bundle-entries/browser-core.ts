/** What a page without parts takes from the browser client: bundlers leave the rest of the index out. */
export { ConfigError, createAuth, ProtocolError } from '@latchkey/browser'
