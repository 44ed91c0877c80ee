import { type ClientIdentity, identityProblems } from '../client-identity.ts'

/** The guard's own credentials at the provider, a client with `revocation_feed`, and how it follows the feed. */
export interface RevocationOptions extends ClientIdentity {
  /** How old the feed may be; 30 seconds unless said otherwise. */
  readonly maxAgeSeconds?: number
  /**
   * What happens to a token while the feed is older than that: `introspect` asks the provider about it, `refuse`
   * answers 503, `accept` trusts what is held. `introspect` unless said otherwise.
   */
  readonly whenStale?: 'introspect' | 'refuse' | 'accept'
  /** A stream of server-sent events, or long polling for those behind strict proxies. `stream` unless said otherwise. */
  readonly transport?: 'stream' | 'poll'
  /** A file that keeps what is held across restarts of the API. */
  readonly persistTo?: string
  /** How many unexpired revocations are held, at 16 to 32 bytes each; beyond that the feed counts as stale. 2,000,000 unless said otherwise. */
  readonly limit?: number
}

export const defaultMaxAgeSeconds = 30
export const defaultLimit = 2_000_000

export function* revocationProblems(options: RevocationOptions | undefined): Generator<string> {
  if (options === undefined) return
  const { maxAgeSeconds, limit, whenStale, transport } = options
  yield* identityProblems('revocations.', options)
  if (maxAgeSeconds !== undefined && !(maxAgeSeconds >= 1 && maxAgeSeconds <= 86_400)) {
    yield 'revocations.maxAgeSeconds: give a number from 1 to 86400'
  }
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1000)) {
    yield 'revocations.limit: give a whole number of at least 1000'
  }
  if (whenStale !== undefined && !['introspect', 'refuse', 'accept'].includes(whenStale)) {
    yield 'revocations.whenStale: must be "introspect", "refuse" or "accept"'
  }
  if (transport !== undefined && !['stream', 'poll'].includes(transport)) {
    yield 'revocations.transport: must be "stream" or "poll"'
  }
}
