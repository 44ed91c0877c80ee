import type { BffDoor, LocalRule } from '../bff.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'

type RouteHandler = (request: Request) => Promise<Response>
type Methods = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Route handlers for a catch-all file such as `app/bff/[...path]/route.ts` and one for each proxied path:
 * `export const { GET, POST } = bffHandlers(core)`. A function is called with the first request: builds load routes too.
 */
export function bffHandlers(core: BffDoor | (() => BffDoor)): Readonly<Record<Methods, RouteHandler>> {
  const handle: RouteHandler = async (request) => doorOf(core).handle(request)
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle }
}

/** Wraps a route handler of the application's own: only its own front end may call it, for people signed in, and BFF errors become problems. */
export function withBff(
  core: BffDoor | (() => BffDoor),
  handler: (request: Request, bff: RequestBff) => Promise<Response>,
  rule: LocalRule = {},
): RouteHandler {
  return async (request) => {
    const door = doorOf(core)
    const refusal = await door.refuseLocal(request, rule)
    if (refusal !== null) return refusal
    try {
      return await handler(request, requestBff(door, request))
    } catch (error) {
      if (error instanceof Error && ['ProtocolError', 'OAuthError'].includes(error.name)) {
        return door.problemResponse(error, request)
      }
      throw error
    }
  }
}

function doorOf(core: BffDoor | (() => BffDoor)): BffDoor {
  return typeof core === 'function' ? core() : core
}
