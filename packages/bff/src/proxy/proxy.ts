import type { TokenSet } from '@latchkey/client'
import { OAuthError } from '@latchkey/protocol'
import type { Parts } from '../endpoints/endpoint.ts'
import { csrfRefusal } from '../http/csrf.ts'
import { problem } from '../http/problem.ts'
import { currentTokens } from '../session/user-tokens.ts'
import { forwardedHeaders, returnedHeaders } from './headers.ts'
import type { CheckedRoute } from './routes.ts'

export interface ProxiedRequest {
  readonly request: Request
  readonly route: CheckedRoute
  /** What comes after the route's own path, as it arrived: "" or "/…". */
  readonly rest: string
  readonly query: string
}

/** A body up to this size is kept for a second attempt; a longer one streams through and gets one attempt. */
const replayableBytes = 65_536

/**
 * Where a redirect or a prompt could make a second request of it, `fetch` keeps a copy of the whole body: a streamed
 * one therefore gets neither, and a redirect in answer to it is a failure. @spec Fetch §4.5 (HTTP-network-or-cache fetch)
 */
const streamed = { duplex: 'half', redirect: 'error', window: null } as const

/**
 * Answers a path of ours with an API, the person's token attached. Bodies stream both ways, redirects are handed on
 * unfollowed, a 401 brings one renewal and one replay where the body allows it. @spec RFC 6750 §2.1, §3.1
 */
export async function proxy(parts: Parts, { request, route, rest, query }: ProxiedRequest): Promise<Response> {
  const refusal = csrfRefusal(request, parts.settings.csrf)
  if (refusal !== null) return refusal
  if (request.method === 'TRACE' || request.method === 'CONNECT') {
    throw new OAuthError('method_not_allowed', `${request.method} is not passed on`)
  }
  const session = route.token === 'user' ? parts.sessions.of(request) : null
  const tokens = route.token === 'user' ? await currentTokens(session, { signal: request.signal }) : null
  const url = `${route.target}${rest}${query === '' ? '' : `?${query}`}`
  const body = await bodyOf(request)
  const send = (attempt: TokenSet | null) => forward(parts, { request, url, body, tokens: attempt })
  try {
    const response = await send(tokens)
    if (response.status !== 401 || tokens === null || body instanceof ReadableStream) return answer(response)
    const rejected = tokens.accessToken
    const renewed = await currentTokens(session, { rejected, signal: request.signal }).catch(() => null)
    if (renewed === null || renewed.accessToken === rejected) return answer(response)
    await response.body?.cancel()
    return answer(await send(renewed))
  } catch (cause) {
    if (request.signal.aborted) throw cause
    parts.emit({ type: 'proxy_failed', route: route.match, cause })
    return problem({ status: 502, code: 'api_unreachable', detail: 'the API behind this path could not be reached' })
  }
}

function forward(
  { settings, connection }: Parts,
  outgoing: { request: Request; url: string; body: ReadableStream | ArrayBuffer | null; tokens: TokenSet | null },
): Promise<Response> {
  const { request, url, body, tokens } = outgoing
  return connection.runtime.fetch(url, {
    method: request.method,
    headers: forwardedHeaders(request.headers, {
      authorization: tokens === null ? null : `${tokens.tokenType} ${tokens.accessToken}`,
      csrfHeader: settings.csrf.header.name,
      origin: settings.origin,
    }),
    body,
    signal: request.signal,
    ...(body instanceof ReadableStream ? streamed : { redirect: 'manual' }),
  })
}

function answer(response: Response): Response {
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers: returnedHeaders(response),
  })
}

async function bodyOf(request: Request): Promise<ReadableStream | ArrayBuffer | null> {
  if (request.method === 'GET' || request.method === 'HEAD') return null
  const length = request.headers.get('content-length')
  if (length === '0' || (length === null && !request.headers.has('transfer-encoding'))) return null
  if (length !== null && Number(length) <= replayableBytes) return request.arrayBuffer()
  return request.body
}
