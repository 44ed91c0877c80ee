import type { Parts } from '../endpoints/endpoint.ts'
import { openPassage, type Passage } from './passage.ts'
import { hasBody } from './refusal.ts'
import type { CheckedRoute } from './routes.ts'
import { untilSessionEnds } from './until-session-ends.ts'

export interface ProxiedRequest {
  readonly request: Request
  readonly route: CheckedRoute
  /** What comes after the route's own path, as it arrived: "" or "/…". */
  readonly rest: string
  readonly query: string
}

/** A body up to this size is kept for a second attempt; a longer one streams through and gets one attempt. */
export const replayableBytes = 65_536

/**
 * Where a redirect or a prompt could make a second request of it, `fetch` keeps a copy of the whole body: a streamed
 * one therefore gets neither, and a redirect in answer to it is a failure. @spec Fetch §4.5 (HTTP-network-or-cache fetch)
 */
const streamed = { duplex: 'half', redirect: 'error', window: null } as const

/**
 * Answers a path of ours with an API by `fetch`: for platforms whose doors hand over Fetch requests and nothing else.
 * Bodies stream both ways, redirects are handed on unfollowed, a 401 brings one renewal and one replay where the body
 * allows it; upgrades and trailers are beyond `fetch`. @spec RFC 6750 §2.1, §3.1
 */
export async function proxy(parts: Parts, { request, ...at }: ProxiedRequest): Promise<Response> {
  const { method, headers, signal } = request
  const passage = await openPassage(parts, { method, headers, target: '', signal }, at)
  if (passage instanceof Response) return passage
  const body = await bodyOf(request)
  try {
    for (;;) {
      const response = await send(parts, passage, { body, signal })
      const { status } = response
      const answer = { status, header: (name: string) => response.headers.get(name) }
      const verdict = await passage.judge(answer, !(body instanceof ReadableStream))
      if (verdict === 'pass') {
        passage.answered(status)
        return handedOn(passage, response)
      }
      response.body?.cancel().catch(() => undefined)
      if (verdict !== 'again') return verdict
    }
  } catch (cause) {
    if (signal.aborted) {
      passage.left()
      throw cause
    }
    return cause === tooLate ? passage.late() : passage.failed(cause)
  }
}

const tooLate = new Error('the API did not begin its answer in time')

interface Outgoing {
  readonly body: ReadableStream | ArrayBuffer | null
  readonly signal: AbortSignal
}

async function send(parts: Parts, passage: Passage, { body, signal }: Outgoing): Promise<Response> {
  const { runtime } = parts.connection
  const headers = pairsOf(passage.headers()).filter(([name]) => name !== 'accept-encoding' && name !== 'host')
  const limit = new AbortController()
  // `fetch` does not tell when a streamed upload has ended, which takes as long as it takes.
  const late = () => limit.abort(tooLate)
  const cancel = body instanceof ReadableStream ? () => {} : runtime.schedule(passage.answerSeconds, late)
  try {
    return await runtime.fetch(passage.origin + passage.path, {
      method: passage.method,
      headers: [...headers, ['accept-encoding', 'identity']],
      body,
      signal: AbortSignal.any([signal, limit.signal]),
      ...(body instanceof ReadableStream ? streamed : { redirect: 'manual' }),
    })
  } finally {
    cancel()
  }
}

function handedOn(passage: Passage, response: Response): Response {
  const { status, statusText, headers, body } = response
  const returned = new Headers(pairsOf(passage.returned([...headers].flat())))
  const length = headers.get('content-length')
  // `fetch` has undone the encoding, so neither it nor the length it had is true any more.
  if (headers.has('content-encoding')) returned.delete('content-encoding')
  else if (length !== null) returned.set('content-length', length)
  const endless = isEndless(headers.get('content-type'))
  const bound = endless && body !== null ? untilSessionEnds(passage, body) : body
  return new Response(bound, { status, statusText, headers: returned })
}

/** Streams that go on for as long as somebody listens. @spec HTML §9.2 */
export function isEndless(contentType: string | null | undefined): boolean {
  return contentType?.startsWith('text/event-stream') === true
}

function pairsOf(list: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index < list.length; index += 2) pairs.push([list[index] ?? '', list[index + 1] ?? ''])
  return pairs
}

async function bodyOf(request: Request): Promise<ReadableStream | ArrayBuffer | null> {
  if (!hasBody(request)) return null
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) <= replayableBytes) return request.arrayBuffer()
  return request.body
}
