import type { Endpoint } from '../http/endpoint.ts'
import type { Parts } from '../parts.ts'
import { feedForm, mayStillRead, requireFeedClient } from './feed-client.ts'
import { bareCursor, feedCursor, resumeAfter } from './feed-cursor.ts'
import { feedPath, heartbeatSeconds, type RevocationFeed } from './revocation-feed.ts'

const pageSize = 200

/** What was taken back, as it happens: server-sent events that hold signed security event tokens. @spec RFC 8417; HTML Living Standard §9.2 */
export function revocationStreamEndpoint(parts: Parts, feed: RevocationFeed): Endpoint {
  return {
    path: feedPath,
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'machine',
    metadata: (url) => ({ revocation_feed_endpoint: url }),
    async handle(asked) {
      const clientId = await requireFeedClient(parts, asked.request, await feedForm(asked.request))
      const from = asked.request.headers.get('last-event-id') ?? bareCursor(0)
      const after = await resumeAfter(parts.store.revocations, from)
      const events = after === null ? resetEvent() : follow({ parts, feed, clientId, after })
      return new Response(streamOf(events), {
        headers: {
          ...asked.headers,
          'content-type': 'text/event-stream',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        },
      })
    },
  }
}

type Chunks = (signal: AbortSignal) => AsyncGenerator<string>

function resetEvent(): Chunks {
  return async function* () {
    yield 'event: reset\ndata: snapshot\n\n'
  }
}

interface Following {
  readonly parts: Parts
  readonly feed: RevocationFeed
  readonly clientId: string
  readonly after: number
}

/** Entries as they come; each time there are no more, `synced` says so, and every few seconds at least. */
function follow({ parts, feed, clientId, after }: Following): Chunks {
  const { runtime, store, stopping } = parts
  return async function* (signal) {
    let sequence = after
    let saidAt = Number.NEGATIVE_INFINITY
    while (!signal.aborted && !stopping.aborted) {
      const lookedAt = runtime.now()
      const entries = await store.revocations.after(sequence, pageSize)
      const isWhole = entries.length < pageSize
      sequence = entries.at(-1)?.sequence ?? sequence
      let text = ''
      for (const entry of entries) text += `id: ${feedCursor(entry)}\nevent: set\ndata: ${feed.token(entry)}\n\n`
      const isDue = lookedAt >= saidAt + heartbeatSeconds
      if (isWhole && (isDue || entries.length > 0)) text += `event: synced\ndata: ${lookedAt}\n\n`
      if (isDue) {
        if (!(await mayStillRead(parts, clientId))) return
        saidAt = lookedAt
      }
      if (text !== '') yield text
      if (isWhole) await feed.changed(Math.max(0, saidAt + heartbeatSeconds - runtime.now()), signal)
    }
  }
}

/** Pulled by its reader: a slow one holds nothing up but itself. */
function streamOf(chunks: Chunks): ReadableStream<Uint8Array> {
  const abort = new AbortController()
  const iterator = chunks(abort.signal)
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      abort.abort()
      await iterator.return(undefined)
    },
  })
}
