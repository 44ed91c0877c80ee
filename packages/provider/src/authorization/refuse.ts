import { OAuthError } from '@latchkey/protocol'
import type { EndpointRequest } from '../http/endpoint.ts'
import { errorPage } from '../pages/error-page.ts'
import { localeOf, textsOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import { type Asker, reply } from './reply-to.ts'

/** Sends an error to the client, and tells the log. @spec RFC 6749 §4.1.2.1 */
export function refuse(
  parts: Parts,
  asker: Asker,
  { error, requestId }: { error: unknown; requestId: string },
): Promise<Response> {
  const refusal = error instanceof OAuthError ? error : unforeseen(error)
  tell(parts, refusal, { requestId, clientId: asker.client.metadata.client_id })
  return reply(parts, asker, { ...refusal.toJSON() })
}

/** What nobody foresaw is told to the client without its text, which may hold anything. @spec RFC 6749 §4.1.2.1 server_error */
function unforeseen(error: unknown): OAuthError {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new OAuthError('server_error', 'something went wrong at the provider', { detail, cause: error })
}

/** Shows what is wrong with a request whose redirect URI cannot be trusted: it is the application's turn to act. */
export function refuseOnPage(parts: Parts, http: EndpointRequest, error: unknown): Response {
  if (!(error instanceof OAuthError) || error.status >= 500) throw error
  tell(parts, error, { requestId: http.requestId })
  const locale = localeOf(undefined, http.request.headers.get('accept-language'))
  return errorPage({
    ...textsOf(locale).errors.badRequest,
    status: error.status,
    detail: `${error.code}: ${error.description}`,
    requestId: http.requestId,
    basePath: parts.basePath,
    locale,
  })
}

function tell(parts: Parts, error: OAuthError, about: { requestId: string; clientId?: string }): void {
  parts.emit({
    type: error.code === 'server_error' ? 'request.failed' : 'authorization.refused',
    at: parts.runtime.now(),
    ...about,
    error: error.code,
    detail: error.detail === undefined ? error.description : `${error.description} (${error.detail})`,
  })
}
