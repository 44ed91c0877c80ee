import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigError } from '@latchkey/protocol'
import type { MiddlewareHandler } from 'hono'
import type { BffDoor, LocalRule } from '../bff.ts'
import { targetOf } from '../http/request.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'
import type { NodeDoor } from './node.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** The BFF for this request, behind `bff()`. */
    bff: RequestBff
  }
}

const misordered = 'bff: the body was read before it came here; add bff(core) before whatever reads bodies'

/** What `@hono/node-server` puts there; on other platforms there is none of it, and the target was tidied up already. */
type NodeEnvironment = { readonly incoming?: IncomingMessage; readonly outgoing?: ServerResponse } | undefined

/** To `@hono/node-server`: the answer has gone out by other means. It looks for that in a clone alone. */
const alreadySent = () => new Response(null, { headers: { 'x-hono-already-sent': 'true' } }).clone()

/** Answers the BFF's paths and gives every other request its `c.get('bff')`. Add it before every other middleware. */
export function bff(core: BffDoor): MiddlewareHandler {
  let door: NodeDoor | undefined
  return async (c, next) => {
    const { incoming, outgoing } = (c.env as NodeEnvironment) ?? {}
    const target = incoming?.url ?? targetOf(c.req.url)
    if (core.owns(target, c.req.header('host'))) {
      if (c.req.raw.bodyUsed || incoming?.readableDidRead === true) throw new ConfigError([misordered])
      if (incoming === undefined || outgoing === undefined) return core.handle(c.req.raw, target)
      door ??= (await import('./node.ts')).nodeDoor(core)
      door(incoming, outgoing)
      return alreadySent()
    }
    c.set('bff', requestBff(core, c.req.raw))
    return next()
  }
}

/** Guards API handlers of the application's own: only its own front end may call them, for people signed in; what the BFF throws becomes a problem. */
export function bffApi(core: BffDoor, rule: LocalRule = {}): MiddlewareHandler {
  return async (c, next) => {
    const refusal = await core.refuseLocal(c.req.raw, rule)
    if (refusal !== null) return refusal
    await next()
    if (c.error !== undefined && ['ProtocolError', 'OAuthError'].includes(c.error.name)) {
      c.res = core.problemResponse(c.error, c.req.raw)
    }
    return undefined
  }
}
