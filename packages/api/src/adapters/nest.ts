import type { CanActivate, ExecutionContext } from '@nestjs/common'
import type { AccessToken } from '../access-token.ts'
import { type ApiGuard, type ApiGuardOptions, createApiGuard } from '../api-guard.ts'
import { type IncomingRequest, nodeRequest, type OutgoingResponse, sendRefusal, settle } from '../node-request.ts'
import { type ProtectedResourceOptions, protectedResource } from '../protected-resource.ts'
import { type Requirements, refuseUnguarded, requirements } from '../requirements.ts'
import type { EventSource } from '../streams/event-stream.ts'
import { type StreamedResponse, sendEventsTo } from '../streams/send-events.ts'

/** A request behind `auth()`. */
export interface AuthenticatedRequest {
  auth?: AccessToken
}

type NestRequest = IncomingRequest & AuthenticatedRequest

/** A Nest guard: the request passes only with a valid access token, as `request.auth`. @throws ConfigError at start */
export function auth(options: ApiGuardOptions | ApiGuard): CanActivate & { readonly guard: ApiGuard } {
  const guard = 'authenticate' in options ? options : createApiGuard(options)
  return {
    guard,
    canActivate(context) {
      const { request, response } = http(context)
      const decision = guard.authenticate(nodeRequest(request))
      // Where the answer is sent, Nest sees that and leaves it.
      if (decision instanceof Promise) return decision.then((late) => settle(late, request, response))
      return settle(decision, request, response)
    },
  }
}

/** Stand behind `auth()`: `@UseGuards(authenticated, requiredScopes('read:messages'))`. */
const dialect: Requirements<CanActivate> = requirements((requirement, name) => ({
  canActivate(context) {
    const { request, response } = http(context)
    const refusal = request.auth === undefined ? refuseUnguarded(name) : requirement(request.auth)
    if (refusal !== null) sendRefusal(response, refusal)
    return refusal === null
  },
}))
export const { requiredScopes, scopeIncludesAny, claimEquals, claimIncludes, claimCheck, stepUp } = dialect

/** Sends server-sent events that end with the token of `request.auth`, on the response that `@Res()` gives. */
export const sendEvents = (request: AuthenticatedRequest, response: StreamedResponse, source: EventSource) =>
  sendEventsTo(response, request.auth, source)

/** What a controller answers at `path`; the document is plain JSON. @spec RFC 9728 §3 */
export function resourceMetadata(options: ProtectedResourceOptions): { path: string; document: object } {
  const { path, body } = protectedResource(options)
  return { path, document: JSON.parse(body) as object }
}

function http(context: ExecutionContext): { request: NestRequest; response: OutgoingResponse } {
  const { getRequest, getResponse } = context.switchToHttp()
  return { request: getRequest<NestRequest>(), response: getResponse<OutgoingResponse>() }
}
