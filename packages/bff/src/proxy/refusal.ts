import { OAuthError } from '@latchkey/protocol'
import { cannotSendHeader, csrfRefusal, originRefusal } from '../http/csrf.ts'
import { methodRefusal, problem } from '../http/problem.ts'
import { type ArrivedRequest, headerOf } from '../http/request.ts'
import type { Settings } from '../settings.ts'
import type { CheckedRoute } from './routes.ts'

/** Whatever can be refused before anyone is asked for a token. @throws OAuthError `method_not_allowed`, `invalid_request` */
export function routeRefusal(
  settings: Pick<Settings, 'csrf'>,
  request: Omit<ArrivedRequest, 'target'>,
  route: CheckedRoute,
): Response | null {
  const { method } = request
  const cannotSend = cannotSendHeader(request, method)
  const check = cannotSend ? originRefusal : csrfRefusal
  const refusal = route.isPage === true && !cannotSend ? null : check(request, settings.csrf)
  if (refusal !== null) return refusal
  if (method === 'TRACE' || method === 'CONNECT') {
    throw new OAuthError('method_not_allowed', `${method} is not passed on`)
  }
  if (route.methods?.includes(method) === false) return methodRefusal(route.methods)
  if ((method === 'GET' || method === 'HEAD') && hasBody(request)) {
    // An API that overlooks such a body would read it as the next person's request. @spec RFC 9110 §9.3.1
    throw new OAuthError('invalid_request', `${method} with a body is not passed on`)
  }
  return null
}

/** Whether a body comes after the headers. @spec RFC 9112 §6.3 */
export function hasBody(request: Pick<ArrivedRequest, 'headers'>): boolean {
  if (headerOf(request, 'transfer-encoding') !== null) return true
  const length = headerOf(request, 'content-length')
  return length !== null && length !== '0'
}

/** The answer to an upgrade where nothing here can carry one. @spec RFC 9110 §15.6.2 */
export function noUpgrade(): Response {
  return problem({
    status: 501,
    code: 'upgrade_not_supported',
    detail: 'this server passes no WebSocket on: the door of its framework has to be given the server',
  })
}
