import { ConfigError } from '@latchkey/protocol'
import type {
  ErrorRequestHandler,
  Request as ExpressRequest,
  Response as ExpressResponse,
  RequestHandler,
} from 'express'
import type { BffDoor, LocalRule } from '../bff.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'
import { inOrder } from './express-order.ts'
import { nodeDoor } from './node.ts'

export { bffServer } from './node.ts'

declare module 'express-serve-static-core' {
  interface Request {
    /** The BFF for this request, behind `bff()`. */
    bff: RequestBff
  }
}

/**
 * Answers the BFF's paths and gives every other request its `req.bff`.
 * @throws ConfigError from `app.use` when it is not mounted at the root, before body parsers and before `bffApi`
 */
export function bff(core: BffDoor): RequestHandler {
  const door = nodeDoor(core)
  return inOrder('door', (req, res, next) => {
    req.bff = requestBff(core, req)
    if (!door(req, res)) next()
  })
}

/**
 * Guards API handlers of the application's own: only its own front end may call them, for people signed in.
 * @throws ConfigError from `app.use` when `bff(core)` is not mounted yet; inside a `Router` at the first request
 */
export function bffApi(core: BffDoor, rule: LocalRule = {}): RequestHandler {
  return inOrder('guard', (req, res, next) => {
    if (req.bff === undefined) return next(new ConfigError(['bffApi: mount bff(core) on the app before its routers']))
    core
      .refuseLocal(req, rule)
      .then((refusal) => (refusal === null ? next() : send(refusal, res)))
      .catch(next)
  })
}

/** Answers what the BFF threw inside a handler: 401 or 503 as problem+json. Add it after the routes. */
export function bffErrors(core: BffDoor): ErrorRequestHandler {
  return (error: unknown, req: ExpressRequest, res: ExpressResponse, next) => {
    if (res.headersSent || !(error instanceof Error) || !['ProtocolError', 'OAuthError'].includes(error.name))
      next(error)
    else send(core.problemResponse(error, req), res).catch(next)
  }
}

async function send(answer: Response, res: ExpressResponse): Promise<void> {
  res
    .status(answer.status)
    .set(Object.fromEntries(answer.headers))
    .end(await answer.text())
}
