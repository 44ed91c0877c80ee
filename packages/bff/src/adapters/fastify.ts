import { ConfigError } from '@latchkey/protocol'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify'
import type { BffDoor, LocalRule } from '../bff.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'
import { bffServer, nodeDoor } from './node.ts'

const misordered =
  'bffApi: this route is outside of what bff(core) was given; call bff(core)(app) on the app that has it'

declare module 'fastify' {
  interface FastifyRequest {
    /** The BFF for this request, after `bff(core)(app)`. */
    bff: RequestBff
  }
}

/** Answers the BFF's paths before Fastify parses anything, gives every other request its `request.bff`, and answers BFF errors. */
export function bff(core: BffDoor): (app: FastifyInstance) => void {
  const door = nodeDoor(core)
  return (app) => {
    const endWebSockets = bffServer(core, app.server)
    app.addHook('preClose', async () => endWebSockets())
    app.decorateRequest('bff', null as unknown as RequestBff)
    app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
      request.bff = requestBff(core, request)
      if (core.owns(request.raw.url ?? '/', request.headers.host)) {
        reply.hijack()
        door(request.raw, reply.raw)
      }
    })
    app.setErrorHandler((error: FastifyError, request, reply) => {
      if (!['ProtocolError', 'OAuthError'].includes(error.name)) throw error
      return reply.send(core.problemResponse(error, request))
    })
  }
}

/** `{ preHandler: bffApi(core) }` on a route of the application's own: only its own front end may call it, for people signed in. */
export function bffApi(core: BffDoor, rule: LocalRule = {}): preHandlerAsyncHookHandler {
  return async (request, reply) => {
    if (request.bff === null) throw new ConfigError([misordered])
    const refusal = await core.refuseLocal(request, rule)
    return refusal === null ? undefined : reply.send(refusal)
  }
}
