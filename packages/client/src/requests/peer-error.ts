import { ProtocolError, type ProtocolErrorCode } from '@latchkey/protocol'
import * as oauth from 'oauth4webapi'

/**
 * What went wrong between us and the provider, as our caller should see it. Network failures, 5xx and 429 are
 * `unreachable` and worth a retry; an OAuth error becomes `code` with the provider's `error`; messages carry no token.
 */
export function peerError(error: unknown, code: ProtocolErrorCode, message: string): ProtocolError {
  if (error instanceof ProtocolError) return error
  const response = responseOf(error)
  if (response !== undefined && (response.status >= 500 || response.status === 429)) {
    const retryAfterSeconds = retryAfter(response)
    return new ProtocolError('unreachable', `${message}: the provider answered ${response.status}`, {
      retryable: true,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })
  }
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) {
    return new ProtocolError(code, `${message}: ${error.error}`, { oauthError: error.error })
  }
  if (isNetworkFailure(error)) {
    return new ProtocolError('unreachable', `${message}: the provider could not be reached`, {
      retryable: true,
      cause: error,
    })
  }
  const why = error instanceof Error ? error.message : 'unknown reason'
  return new ProtocolError(code, `${message}: ${why}`)
}

function responseOf(error: unknown): Response | undefined {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.WWWAuthenticateChallengeError) {
    return error.response
  }
  if (error instanceof oauth.OperationProcessingError && error.cause instanceof Response) return error.cause
  return undefined
}

/** `fetch` rejects with a TypeError when the network fails and with an abort when a time limit ends it. */
function isNetworkFailure(error: unknown): boolean {
  if (error instanceof TypeError) return !('code' in error)
  return error instanceof DOMException && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

/** Seconds of a `Retry-After` header, at most ten minutes; the date form is left out. @spec RFC 9110 §10.2.3 */
function retryAfter(response: Response): number | undefined {
  const header = response.headers.get('retry-after')
  if (header === null || !/^\d{1,6}$/.test(header)) return undefined
  return Math.min(Number(header), 600)
}
