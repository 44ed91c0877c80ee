import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessToken } from '../access-token.ts'
import { type ApiGuard, type ApiGuardOptions, createApiGuard } from '../api-guard.ts'
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

/** A `preHandler`, also good as `onRequest` where no token may stand in the body. */
export type FastifyGate = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Lets a request pass only with a valid access token, as `request.auth`. @throws ConfigError at start */
export function auth(options: ApiGuardOptions | ApiGuard): FastifyGate & { readonly guard: ApiGuard } {
  const guard = 'authenticate' in options ? options : createApiGuard(options)
  const gate: FastifyGate = async (request, reply) => {
    const decision = await guard.authenticate(nodeRequest(request.raw as IncomingRequest, request))
    if (decision.outcome === 'refused') return send(reply, decision.refusal)
    if (decision.outcome === 'anonymous') return undefined
    request.auth = decision.auth
    if (decision.headers !== undefined) reply.headers(decision.headers)
    return undefined
  }
  return Object.assign(gate, { guard })
}

/** Stand behind `auth()`, as in `preHandler: [authenticated, requiredScopes('read:messages')]`. */
const dialect: Requirements<FastifyGate> = requirements((requirement, name) => async (request, reply) => {
  const refusal = request.auth === undefined ? refuseUnguarded(name) : requirement(request.auth)
  return refusal === null ? undefined : send(reply, refusal)
})
export const { requiredScopes, scopeIncludesAny, claimEquals, claimIncludes, claimCheck, stepUp } = dialect

/** Answers with server-sent events that end with the token of `request.auth`; the reply is the stream's from then on. */
export function sendEvents(request: FastifyRequest, reply: FastifyReply, source: EventSource): Promise<void> {
  return sendEventsTo(reply.hijack().raw, request.auth, source)
}

/** The route of the API's own metadata: `app.route(resourceMetadata({ … }))`. @spec RFC 9728 §3 */
export function resourceMetadata(options: ProtectedResourceOptions) {
  const { path, headers, body } = protectedResource(options)
  const handler: FastifyGate = async (_request, reply) => send(reply, { status: 200, headers, body })
  return { method: 'GET' as const, url: path, handler }
}

/** As bytes: Fastify adds a charset to the type of text. */
function send(reply: FastifyReply, { status, headers, body }: Refusal): FastifyReply {
  return reply.code(status).headers(headers).send(Buffer.from(body))
}
