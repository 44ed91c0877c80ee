import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler, preHandlerHookHandler } from 'fastify'
import type { AccessToken } from '../access-token.ts'
import { type ApiGuard, type ApiGuardOptions, createApiGuard, type Decision } from '../api-guard.ts'
import { type IncomingRequest, nodeRequest } from '../node-request.ts'
import { type ProtectedResourceOptions, protectedResource } from '../protected-resource.ts'
import type { Refusal } from '../refusal.ts'
import { type Requirements, refuseUnguarded, requirements } from '../requirements.ts'
import type { EventSource } from '../streams/event-stream.ts'
import { sendEventsTo } from '../streams/send-events.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified access token, behind `auth()`. */
    auth?: AccessToken
  }
}

type Answered = ReturnType<preHandlerHookHandler | preHandlerAsyncHookHandler>
/** A `preHandler`, also good as `onRequest` where no token may stand in the body: it calls `done` or returns a promise. */
export type FastifyGate = (request: FastifyRequest, reply: FastifyReply, done?: () => void) => Answered

/** Lets a request pass only with a valid access token, as `request.auth`. @throws ConfigError at start */
export function auth(options: ApiGuardOptions | ApiGuard): FastifyGate & { readonly guard: ApiGuard } {
  const guard = 'authenticate' in options ? options : createApiGuard(options)
  const gate: FastifyGate = (request, reply, done) => {
    const decision = guard.authenticate(nodeRequest(request.raw as IncomingRequest, request))
    if (decision instanceof Promise) return decision.then((late) => settle(late, request, reply))
    if (settle(decision, request, reply) === undefined) done?.()
  }
  return Object.assign(gate, { guard })
}

/** Stand behind `auth()`, as in `preHandler: [authenticated, requiredScopes('read:messages')]`. */
const dialect: Requirements<FastifyGate> = requirements((requirement, name) => (request, reply, done) => {
  const refusal = request.auth === undefined ? refuseUnguarded(name) : requirement(request.auth)
  return refusal === null ? done?.() : void send(reply, refusal)
})
export const { requiredScopes, scopeIncludesAny, claimEquals, claimIncludes, claimCheck, stepUp } = dialect

/** Answers with server-sent events that end with the token of `request.auth`; the reply is the stream's from then on. */
export const sendEvents = (request: FastifyRequest, reply: FastifyReply, source: EventSource) =>
  sendEventsTo(reply.hijack().raw, request.auth, source)

/** The route of the API's own metadata: `app.route(resourceMetadata({ … }))`. @spec RFC 9728 §3 */
export function resourceMetadata(options: ProtectedResourceOptions) {
  const { path, headers, body } = protectedResource(options)
  const handler = (_request: FastifyRequest, reply: FastifyReply) => send(reply, { status: 200, headers, body })
  return { method: 'GET' as const, url: path, handler }
}

function settle(decision: Decision, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (decision.outcome === 'refused') return send(reply, decision.refusal)
  if (decision.outcome === 'admitted') request.auth = decision.auth
  return 'headers' in decision ? void reply.headers(decision.headers ?? {}) : undefined
}

/** As bytes: Fastify adds a charset to the type of text. */
function send(reply: FastifyReply, { status, headers, body }: Refusal): FastifyReply {
  return reply.code(status).headers(headers).send(Buffer.from(body))
}
