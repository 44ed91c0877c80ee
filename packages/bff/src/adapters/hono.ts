import { ConfigError } from '@latchkey/protocol'
import type { MiddlewareHandler } from 'hono'
import type { BffDoor, LocalRule } from '../bff.ts'
import { targetOf } from '../http/request.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** The BFF for this request, behind `bff()`. */
    bff: RequestBff
  }
}

const misordered = 'bff: the body was read before it came here; add bff(core) before whatever reads bodies'

/** On Node the request target as it arrived stands in the environment; elsewhere the platform has tidied it up already. */
type NodeEnvironment = { incoming?: { url?: string } } | undefined

/** Answers the BFF's paths and gives every other request its `c.get('bff')`. Add it before every other middleware. */
export function bff(core: BffDoor): MiddlewareHandler {
  return async (c, next) => {
    const target = (c.env as NodeEnvironment)?.incoming?.url ?? targetOf(c.req.url)
    if (core.owns(target, c.req.header('host'))) {
      if (c.req.raw.bodyUsed) throw new ConfigError([misordered])
      return core.handle(c.req.raw, target)
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
