import type { Endpoint } from '../http/endpoint.ts'
import type { Parts } from '../parts.ts'
import { revocationPollEndpoint } from './poll.ts'
import { createRevocationFeed } from './revocation-feed.ts'
import { revocationSnapshotEndpoint } from './snapshot.ts'
import { revocationStreamEndpoint } from './stream.ts'

/** The revocation feed, in three forms over one watch of the log. */
export function revocationFeedEndpoints(parts: Parts): readonly Endpoint[] {
  const feed = createRevocationFeed(parts)
  return [
    revocationStreamEndpoint(parts, feed),
    revocationPollEndpoint(parts, feed),
    revocationSnapshotEndpoint(parts, feed),
  ]
}
