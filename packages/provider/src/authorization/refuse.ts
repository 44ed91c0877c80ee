import { OAuthError } from '@latchkey/protocol'
import type { EndpointRequest } from '../http/endpoint.ts'
import { errorPage } from '../pages/error-page.ts'
import type { Parts } from '../parts.ts'
import { type Asker, reply } from './reply-to.ts'

/** Sends an error to the client, and tells the log. What is not this request's fault is thrown on. @spec RFC 6749 §4.1.2.1 */
export function refuse(
  parts: Parts,
  asker: Asker,
  { error, requestId }: { error: unknown; requestId: string },
): Response {
  if (!(error instanceof OAuthError)) throw error
  tell(parts, error, { requestId, clientId: asker.client.metadata.client_id })
  return reply(parts, asker.replyTo, { error: error.code, error_description: plain(error.description) })
}

/** Shows what is wrong with a request whose redirect URI cannot be trusted: it is the application's turn to act. */
export function refuseOnPage(parts: Parts, http: EndpointRequest, error: unknown): Response {
  if (!(error instanceof OAuthError) || error.status === 500) throw error
  tell(parts, error, { requestId: http.requestId })
  return errorPage({
    status: error.status,
    title: 'This application sent a request we cannot answer',
    message:
      'Something is wrong with how the application asks to sign you in. You can do nothing about it here: please tell the people who run the application, and quote what stands below.',
    detail: `${error.code}: ${error.description}`,
    requestId: http.requestId,
    basePath: parts.basePath,
  })
}

function tell(parts: Parts, error: OAuthError, about: { requestId: string; clientId?: string }): void {
  parts.emit({
    type: 'authorization.refused',
    at: parts.runtime.now(),
    ...about,
    error: error.code,
    detail: error.detail === undefined ? error.description : `${error.description} (${error.detail})`,
  })
}

/** An error_description has neither quotation marks nor backslashes, nor anything beyond ASCII. @spec RFC 6749 §4.1.2.1 */
function plain(text: string): string {
  return text.replaceAll('"', "'").replace(/[^\x20-\x5b\x5d-\x7e]/g, '?')
}
