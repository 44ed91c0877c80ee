import type { MiddlewareHandler } from 'hono'
import type { Bff } from '../bff.ts'
import { targetOf } from '../http/request.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** The BFF for this request, behind `bff()`. */
    bff: RequestBff
  }
}

/** On Node the request target as it arrived stands in the environment; elsewhere the platform has tidied it up already. */
type NodeEnvironment = { incoming?: { url?: string } } | undefined

/** Answers the BFF's paths and gives every other request its `c.get('bff')`. Add it before every other middleware. */
export function bff(core: Bff): MiddlewareHandler {
  return async (c, next) => {
    const target = (c.env as NodeEnvironment)?.incoming?.url ?? targetOf(c.req.url)
    if (core.owns(target)) return core.handle(c.req.raw, target)
    c.set('bff', requestBff(core, c.req.raw))
    return next()
  }
}

/** Guards API handlers of the application's own: only its own front end may call them; what the BFF throws becomes a problem. */
export function bffApi(core: Bff): MiddlewareHandler {
  return async (c, next) => {
    const refusal = core.refuseForeign(c.req.raw)
    if (refusal !== null) return refusal
    await next()
    if (c.error !== undefined && ['ProtocolError', 'OAuthError'].includes(c.error.name)) {
      c.res = core.problemResponse(c.error)
    }
    return undefined
  }
}
