import type { Request, RequestHandler, Response } from 'express'
import type { AccessToken } from '../access-token.ts'
import { type ApiGuard, type ApiGuardOptions, createApiGuard } from '../api-guard.ts'
import { nodeRequest, sendRefusal, setHeaders, settle } from '../node-request.ts'
import { type ProtectedResource, type ProtectedResourceOptions, protectedResource } from '../protected-resource.ts'
import { type Requirements, refuseUnguarded, requirements } from '../requirements.ts'
import type { EventSource } from '../streams/event-stream.ts'
import { sendEventsTo } from '../streams/send-events.ts'

declare module 'express-serve-static-core' {
  interface Request {
    /** The verified access token, behind `auth()`. */
    auth?: AccessToken
  }
}

/** Lets a request pass only with a valid access token, as `req.auth`. @throws ConfigError at start */
export function auth(options: ApiGuardOptions | ApiGuard): RequestHandler & { readonly guard: ApiGuard } {
  const guard = 'authenticate' in options ? options : createApiGuard(options)
  const handler: RequestHandler = (req, res, next) => {
    const decision = guard.authenticate(nodeRequest(req))
    if (decision instanceof Promise) return decision.then((late) => void (settle(late, req, res) && next()))
    if (settle(decision, req, res)) next()
  }
  return Object.assign(handler, { guard })
}

/** Stand behind `auth()`. */
const dialect: Requirements<RequestHandler> = requirements((requirement, name) => (req: Request, res, next) => {
  const refusal = req.auth === undefined ? refuseUnguarded(name) : requirement(req.auth)
  if (refusal === null) next()
  else sendRefusal(res, refusal)
})
export const { requiredScopes, scopeIncludesAny, claimEquals, claimIncludes, claimCheck, stepUp } = dialect

/** Answers with server-sent events that end with the token of `req.auth`. */
export const sendEvents = (req: Request, res: Response, source: EventSource) => sendEventsTo(res, req.auth, source)

/** Answers `/.well-known/oauth-protected-resource`; every other request goes on. @spec RFC 9728 §3 */
export function resourceMetadata(options: ProtectedResourceOptions): RequestHandler & ProtectedResource {
  const resource = protectedResource(options)
  const handler: RequestHandler = (req, res, next) => {
    if (req.path !== resource.path) return next()
    setHeaders(res, resource.headers)
    res.end(resource.body)
  }
  return Object.assign(handler, resource)
}
