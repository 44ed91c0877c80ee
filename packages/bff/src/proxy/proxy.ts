import type { TokenSet } from '@latchkey/client'
import { OAuthError } from '@latchkey/protocol'
import type { Parts } from '../endpoints/endpoint.ts'
import { cannotSendHeader, csrfRefusal, originRefusal } from '../http/csrf.ts'
import { methodRefusal, problem } from '../http/problem.ts'
import { tokenSource } from '../session/token-source.ts'
import { forwardedHeaders, returnedHeaders } from './headers.ts'
import type { CheckedRoute } from './routes.ts'
import { stepUpProblem } from './step-up.ts'
import { untilSessionEnds } from './until-session-ends.ts'

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
 * Answers a path of ours with an API, the route's token attached. Bodies stream both ways, redirects are handed on
 * unfollowed, a 401 brings one renewal and one replay where the body allows it. @spec RFC 6750 §2.1, §3.1
 */
export async function proxy(parts: Parts, { request, route, rest, query }: ProxiedRequest): Promise<Response> {
  const refusal = proxyRefusal(parts, request, route)
  if (refusal !== null) return refusal
  const session = parts.sessions.of(request)
  const source = tokenSource({ session, clientTokens: parts.clientTokens, ...route })
  const tokens = await source.get({ signal: request.signal })
  const url = `${route.target}${rest}${query === '' ? '' : `?${query}`}`
  const body = await bodyOf(request)
  const send = (attempt: TokenSet | null) => forward(parts, { request, route, url, body, tokens: attempt })
  const answered = (response: Response) =>
    stepUpProblem(response, parts.settings.basePath) ?? answer(parts, { response, route, session: session?.hash })
  try {
    const response = await send(tokens)
    if (response.status !== 401 || tokens === null || body instanceof ReadableStream) return answered(response)
    const rejected = tokens.accessToken
    const renewed = await source.renew(rejected, { signal: request.signal }).catch(() => null)
    if (renewed === null || renewed.accessToken === rejected) return answered(response)
    await response.body?.cancel()
    return answered(await send(renewed))
  } catch (cause) {
    if (request.signal.aborted) throw cause
    parts.emit({ type: 'proxy_failed', route: route.match, cause })
    return problem({ status: 502, code: 'api_unreachable', detail: 'the API behind this path could not be reached' })
  }
}

/** Whatever can be refused before anyone is asked for a token. @throws OAuthError `method_not_allowed` */
export function proxyRefusal(
  { settings }: Pick<Parts, 'settings'>,
  request: Pick<Request, 'method' | 'headers'>,
  route: CheckedRoute,
): Response | null {
  const { method } = request
  const check = cannotSendHeader(request, method) ? originRefusal : csrfRefusal
  const refusal = check(request, settings.csrf)
  if (refusal !== null) return refusal
  if (method === 'TRACE' || method === 'CONNECT') {
    throw new OAuthError('method_not_allowed', `${method} is not passed on`)
  }
  return route.methods?.includes(method) === false ? methodRefusal(route.methods) : null
}

interface Outgoing {
  readonly request: Request
  readonly route: CheckedRoute
  readonly url: string
  readonly body: ReadableStream | ArrayBuffer | null
  readonly tokens: TokenSet | null
}

function forward({ settings, connection }: Parts, { request, route, url, body, tokens }: Outgoing): Promise<Response> {
  return connection.runtime.fetch(url, {
    method: request.method,
    headers: forwardedHeaders(request.headers, {
      authorization: tokens === null ? null : `${tokens.tokenType} ${tokens.accessToken}`,
      csrfHeader: settings.csrf.header.name,
      origin: settings.origin,
      allowed: route.requestHeaders,
    }),
    body,
    signal: request.signal,
    ...(body instanceof ReadableStream ? streamed : { redirect: 'manual' }),
  })
}

interface Answered {
  readonly response: Response
  readonly route: CheckedRoute
  readonly session: string | undefined
}

function answer(parts: Parts, { response, route, session }: Answered): Response {
  const { status, statusText, headers } = response
  const endless = headers.get('content-type')?.startsWith('text/event-stream') === true
  const bound = endless && session !== undefined && response.body !== null && route.token.startsWith('user')
  const body = bound ? untilSessionEnds(parts.watch, session, response.body) : response.body
  return new Response(body, { status, statusText, headers: returnedHeaders(response, route.responseHeaders) })
}

async function bodyOf(request: Request): Promise<ReadableStream | ArrayBuffer | null> {
  if (request.method === 'GET' || request.method === 'HEAD') return null
  const length = request.headers.get('content-length')
  if (length === '0' || (length === null && !request.headers.has('transfer-encoding'))) return null
  if (length !== null && Number(length) <= replayableBytes) return request.arrayBuffer()
  return request.body
}
