import { OAuthError } from '@latchkey/protocol'
import type { Endpoint } from '../http/endpoint.ts'
import type { Parts } from '../parts.ts'
import { feedForm, requireFeedClient } from './feed-client.ts'
import type { RevocationFeed } from './revocation-feed.ts'

/** Everything that still matters, page by page, each one signed token: where a guard begins. */
export function revocationSnapshotEndpoint(parts: Parts, feed: RevocationFeed): Endpoint {
  return {
    path: '/revocations/snapshot',
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'machine',
    metadata: (url) => ({ revocation_feed_snapshot_endpoint: url }),
    async handle(asked) {
      await requireFeedClient(parts, asked.request, await feedForm(asked.request))
      const after = new URLSearchParams(asked.query).get('after') ?? '0'
      if (!/^\d{1,15}$/.test(after)) throw new OAuthError('invalid_request', 'after must be a whole number')
      return new Response(await feed.snapshot(Number(after)), {
        headers: { ...asked.headers, 'content-type': 'application/secevent+jwt', 'cache-control': 'no-store' },
      })
    },
  }
}
