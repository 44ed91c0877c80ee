import type {
  ErrorRequestHandler,
  Request as ExpressRequest,
  Response as ExpressResponse,
  RequestHandler,
} from 'express'
import type { Bff } from '../bff.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'
import { nodeDoor } from './node.ts'

declare module 'express-serve-static-core' {
  interface Request {
    /** The BFF for this request, behind `bff()`. */
    bff: RequestBff
  }
}

/** Answers the BFF's paths and gives every other request its `req.bff`. Mount it at the root, before any body parser. */
export function bff(core: Bff): RequestHandler {
  const door = nodeDoor(core)
  return (req, res, next) => {
    req.bff = requestBff(core, req)
    if (!door(req, res)) next()
  }
}

/** Guards API handlers of the application's own: only its own front end may call them. */
export function bffApi(core: Bff): RequestHandler {
  return (req, res, next) => {
    const refusal = core.refuseForeign(req)
    if (refusal === null) next()
    else send(refusal, res).catch(next)
  }
}

/** Answers what the BFF threw inside a handler: 401 or 503 as problem+json. Add it after the routes. */
export function bffErrors(core: Bff): ErrorRequestHandler {
  return (error: unknown, _req: ExpressRequest, res: ExpressResponse, next) => {
    if (res.headersSent || !(error instanceof Error) || !['ProtocolError', 'OAuthError'].includes(error.name))
      next(error)
    else send(core.problemResponse(error), res).catch(next)
  }
}

async function send(answer: Response, res: ExpressResponse): Promise<void> {
  res
    .status(answer.status)
    .set(Object.fromEntries(answer.headers))
    .end(await answer.text())
}
