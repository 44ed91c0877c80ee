import { formatChallenge, OAuthError, parseAuthorizationHeader } from '@latchkey/protocol'
import { errorPage } from '../pages/error-page.ts'
import { localeOf, textsOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import type { Endpoint, EndpointRequest } from './endpoint.ts'
import { json } from './responses.ts'
import { challengeStatus, tokenChallenge } from './token-challenge.ts'

type Failing = Pick<Endpoint, 'audience' | 'bearer' | 'refusal' | 'methods' | 'cors'>

/** The one place where what was thrown becomes an answer: JSON for machines, a page for people. @spec RFC 6749 §5.2 */
export function errorResponse(
  parts: Pick<Parts, 'issuer' | 'basePath' | 'emit' | 'runtime'>,
  failed: { error: unknown; endpoint: Failing; request: EndpointRequest },
): Response {
  const { endpoint, request } = failed
  const error = failed.error instanceof OAuthError ? failed.error : unexpected(failed.error)
  report(parts, error, failed)
  const headers = errorHeaders(parts.issuer, error, failed)
  if (endpoint.audience === 'person') return page(error, parts.basePath, { request, headers })
  const body = { ...error.toJSON(), request_id: request.requestId }
  const status = endpoint.bearer === undefined ? error.status : challengeStatus(error)
  return json(request, body, { status, headers })
}

/** What nobody foresaw: its text may hold anything, so it stays in the event. */
function unexpected(error: unknown): OAuthError {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new OAuthError('server_error', 'something went wrong here; quote the request id when you report it', {
    detail,
    cause: error,
  })
}

function report(
  parts: Pick<Parts, 'emit' | 'runtime'>,
  error: OAuthError,
  { endpoint, request }: { endpoint: Failing; request: EndpointRequest },
): void {
  parts.emit({
    type: error.code === 'server_error' ? 'request.failed' : (endpoint.refusal ?? 'request.refused'),
    at: parts.runtime.now(),
    requestId: request.requestId,
    ...request.about,
    ...(error.clientId === undefined ? {} : { clientId: error.clientId }),
    error: error.code,
    detail: error.detail ?? error.description,
  })
}

function errorHeaders(
  realm: string,
  error: OAuthError,
  { endpoint, request }: { endpoint: Failing; request: EndpointRequest },
): Record<string, string> {
  const headers: Record<string, string> = { ...error.headers }
  if (error.code === 'method_not_allowed') headers.allow = allowedMethods(endpoint)
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterSeconds))
  if (endpoint.bearer !== undefined) {
    const challenge = tokenChallenge({ realm, ...endpoint.bearer }, error, request.request)
    if (challenge !== null) headers['www-authenticate'] = challenge
  } else if (error.code === 'invalid_client' && usedBasic(request.request)) {
    // @spec RFC 6749 §5.2: the scheme the client tried
    headers['www-authenticate'] = formatChallenge('Basic', { realm })
  }
  return headers
}

function allowedMethods({ methods, cors }: Failing): string {
  const withHead = methods.includes('GET') ? [...methods, 'HEAD'] : [...methods]
  return (cors === 'none' ? withHead : [...withHead, 'OPTIONS']).join(', ')
}

/** Also a Basic header that could not be read is an attempt at Basic. */
function usedBasic(request: Request): boolean {
  const header = request.headers.get('authorization')
  return parseAuthorizationHeader(header).scheme === 'basic' || /^basic\b/i.test(header ?? '')
}

function page(
  error: OAuthError,
  basePath: string,
  { request, headers }: { request: EndpointRequest; headers: Record<string, string> },
): Response {
  const ours = error.status >= 500
  const locale = localeOf(undefined, request.request.headers.get('accept-language'))
  const { errors } = textsOf(locale)
  const response = errorPage({
    ...(ours ? errors.ours : errors.theirs),
    locale,
    status: error.status,
    detail: ours ? undefined : error.description,
    requestId: request.requestId,
    basePath,
  })
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}
