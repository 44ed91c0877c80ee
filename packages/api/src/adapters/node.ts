import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AccessToken } from '../access-token.ts'
import { type ApiGuard, type ApiGuardOptions, createApiGuard } from '../api-guard.ts'
import { type IncomingRequest, nodeRequest, sendRefusal, settle } from '../node-request.ts'
import { type ProtectedResourceOptions, protectedResource } from '../protected-resource.ts'
import type { Refusal } from '../refusal.ts'
import { type Requirements, refuseUnguarded, requirements } from '../requirements.ts'
import type { EventSource } from '../streams/event-stream.ts'
import { sendEventsTo } from '../streams/send-events.ts'

declare module 'node:http' {
  interface IncomingMessage {
    /** The verified access token, behind `auth()`. */
    auth?: AccessToken
  }
}

/** Says whether the request passes; where it does not, the answer is sent. */
export type NodeGate = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>

/** Lets a request pass only with a valid access token, as `req.auth`. @throws ConfigError at start */
export function auth(options: ApiGuardOptions | ApiGuard): NodeGate & { readonly guard: ApiGuard } {
  const guard = 'authenticate' in options ? options : createApiGuard(options)
  const gate: NodeGate = async (req, res) => {
    const decision = guard.authenticate(nodeRequest(req as IncomingRequest))
    return settle(decision instanceof Promise ? await decision : decision, req, res)
  }
  return Object.assign(gate, { guard })
}

/** Stand behind `auth()`. */
const dialect: Requirements<NodeGate> = requirements((requirement, name) => async (req, res) => {
  const refusal = req.auth === undefined ? refuseUnguarded(name) : requirement(req.auth)
  return refusal === null || refuseWith(res, refusal)
})
export const { requiredScopes, scopeIncludesAny, claimEquals, claimIncludes, claimCheck, stepUp } = dialect

/** Answers with server-sent events that end with the token of `req.auth`. */
export const sendEvents = (req: IncomingMessage, res: ServerResponse, source: EventSource) =>
  sendEventsTo(res, req.auth, source)
export { endWebSocket, guardUpgrade } from '../streams/web-sockets.ts'

/** Answers `/.well-known/oauth-protected-resource`: false when it did, true for every other request. @spec RFC 9728 §3 */
export function resourceMetadata(options: ProtectedResourceOptions): NodeGate {
  const { path, headers, body } = protectedResource(options)
  return async ({ url = '/' }, res) => {
    if (url.split('?', 1)[0] !== path) return true
    return refuseWith(res, { status: 200, headers, body })
  }
}

function refuseWith(res: ServerResponse, refusal: Refusal): false {
  sendRefusal(res, refusal)
  return false
}
