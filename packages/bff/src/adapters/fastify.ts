import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import type { Bff } from '../bff.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'
import { nodeDoor } from './node.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The BFF for this request, after `bff(core)(app)`. */
    bff: RequestBff
  }
}

/** Answers the BFF's paths before Fastify parses anything, gives every other request its `request.bff`, and answers BFF errors. */
export function bff(core: Bff): (app: FastifyInstance) => void {
  const door = nodeDoor(core)
  return (app) => {
    app.decorateRequest('bff', null as unknown as RequestBff)
    app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
      request.bff = requestBff(core, request)
      if (core.owns(request.raw.url ?? '/')) {
        reply.hijack()
        door(request.raw, reply.raw)
      }
    })
    app.setErrorHandler((error: FastifyError, _request, reply) => {
      if (!['ProtocolError', 'OAuthError'].includes(error.name)) throw error
      return reply.send(core.problemResponse(error))
    })
  }
}

/** `{ preHandler: bffApi(core) }` on a route of the application's own: only its own front end may call it. */
export function bffApi(core: Bff): preHandlerAsyncHookHandler {
  return async (request, reply) => {
    const refusal = core.refuseForeign(request)
    return refusal === null ? undefined : reply.send(refusal)
  }
}
