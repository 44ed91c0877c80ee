import { OAuthError } from '@latchkey/protocol'
import type { Endpoint } from '../http/endpoint.ts'
import { json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { proofIn, requireFeedClient } from './feed-client.ts'
import { bareCursor, feedCursor, resumeAfter } from './feed-cursor.ts'
import { heartbeatSeconds, type RevocationFeed } from './revocation-feed.ts'

const mostEvents = 500
const longestRequest = 65_536

interface PollRequest {
  readonly cursor: string
  readonly limit: number
  readonly returnImmediately: boolean
}

/**
 * The same for those behind proxies that hold streams back. The provider keeps no list of what each recipient has:
 * the last acknowledged `jti` (or `after`) says where to go on. @spec RFC 8936 §2
 */
export function revocationPollEndpoint(parts: Parts, feed: RevocationFeed): Endpoint {
  return {
    path: '/revocations/poll',
    methods: ['POST'],
    cors: 'none',
    audience: 'machine',
    metadata: (url) => ({ revocation_feed_poll_endpoint: url }),
    async handle(asked) {
      const body = await readJson(asked.request)
      await requireFeedClient(parts, asked.request, proofIn(body))
      const { cursor, limit, returnImmediately } = readPoll(body)
      const { runtime, store, stopping } = parts
      const { signal } = asked.request
      const after = await resumeAfter(store.revocations, cursor)
      if (after === null) return json(asked, { sets: {}, moreAvailable: false, reset: true })
      let at = runtime.now()
      let entries = await store.revocations.after(after, limit)
      const until = at + heartbeatSeconds
      while (entries.length === 0 && !returnImmediately && at < until && !signal.aborted && !stopping.aborted) {
        await feed.changed(until - at, signal)
        at = runtime.now()
        entries = await store.revocations.after(after, limit)
      }
      const last = entries.at(-1)
      return json(asked, {
        sets: Object.fromEntries(entries.map((entry) => [feedCursor(entry), feed.token(entry)])),
        moreAvailable: limit > 0 && entries.length === limit,
        cursor: last === undefined ? cursor : feedCursor(last),
        at,
      })
    },
  }
}

/** @throws OAuthError `invalid_request` */
function readPoll(body: object): PollRequest {
  const { maxEvents = mostEvents, returnImmediately = false, ack = [], after } = body as Record<string, unknown>
  if (typeof maxEvents !== 'number' || !Number.isInteger(maxEvents) || maxEvents < 0) {
    throw malformed('maxEvents must be a whole number')
  }
  if (typeof returnImmediately !== 'boolean') throw malformed('returnImmediately must be true or false')
  if (!Array.isArray(ack) || !ack.every((jti) => typeof jti === 'string')) throw malformed('ack must be a list of jti')
  if (after !== undefined && typeof after !== 'string') throw malformed('after must be a jti')
  const newest = [...(ack as string[])].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).at(-1)
  return { cursor: newest ?? after ?? bareCursor(0), limit: Math.min(mostEvents, maxEvents), returnImmediately }
}

async function readJson(request: Request): Promise<object> {
  const declared = request.headers.get('content-length')
  if (declared === null || Number(declared) > longestRequest) {
    throw new OAuthError('payload_too_large', `a poll needs a content-length of at most ${longestRequest}`)
  }
  let body: unknown
  try {
    body = JSON.parse(await request.text())
  } catch (cause) {
    throw new OAuthError('invalid_request', 'the body is no JSON', { cause })
  }
  if (typeof body !== 'object' || body === null) throw malformed('the body must be a JSON object')
  return body
}

function malformed(description: string): OAuthError {
  return new OAuthError('invalid_request', description)
}
