import { OAuthError, ProtocolError, type ProtocolErrorCode } from '@latchkey/protocol'
import { securityHeaders } from './answers.ts'

/** What a front end needs to know of a failure. @spec RFC 9457 §3 */
export interface Problem {
  readonly status: number
  /** A stable word to branch on. */
  readonly code: string
  readonly detail: string
  readonly retryAfterSeconds?: number
  /** Where signing in helps: the address to send the person to. */
  readonly loginUrl?: string
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

const signedOut: readonly ProtocolErrorCode[] = ['not_signed_in', 'refresh_rejected', 'token_invalid']

/** The provider's word that this session's grant does not cover what was asked for. @spec RFC 8707 §2; RFC 6749 §5.2 */
const notGranted: readonly string[] = ['invalid_target', 'invalid_scope', 'consent_required', 'interaction_required']

/** The answer to a method that is not one of `methods`. @spec RFC 9110 §15.5.6 */
export function methodRefusal(methods: readonly string[]): Response {
  const refusal = problem({ status: 405, code: 'method_not_allowed', detail: `use ${methods.join(' or ')} here` })
  refusal.headers.set('allow', methods.join(', '))
  return refusal
}

/** The answer to a request that failed: `application/problem+json`, with nothing in it that is ours to keep. */
export function problem({ status, code, detail, retryAfterSeconds, loginUrl }: Problem): Response {
  const title = titles[status] ?? 'Error'
  const login = loginUrl === undefined ? {} : { login_url: loginUrl }
  return new Response(JSON.stringify({ type: 'about:blank', title, status, code, detail, ...login }), {
    status,
    headers: {
      ...securityHeaders,
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
    },
  })
}

/**
 * What an error means to our own front end: 401 where signing in again helps, 503 where waiting helps, 500 for the rest.
 */
export function problemOf(error: unknown, basePath = '/bff'): Problem {
  if (error instanceof OAuthError) {
    const { status, code, description: detail, retryAfterSeconds } = error
    return { status, code, detail, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
  }
  if (!(error instanceof ProtocolError))
    return { status: 500, code: 'server_error', detail: 'something went wrong here' }
  if (error.retryable) {
    return { status: 503, code: error.code, detail: error.message, retryAfterSeconds: error.retryAfterSeconds ?? 5 }
  }
  if (error.code === 'session_unreadable' || signedOut.includes(error.code)) {
    return { status: 401, code: error.code, detail: error.message, loginUrl: `${basePath}/login` }
  }
  if (error.oauthError !== undefined && notGranted.includes(error.oauthError)) {
    const detail = 'this access was not granted when the person signed in: signing in again asks for it'
    return { status: 403, code: 'access_not_granted', detail, loginUrl: `${basePath}/login` }
  }
  return { status: 502, code: error.code, detail: 'the provider gave an answer that cannot be used' }
}
