import type { BffDoor, LocalRule } from '../bff.ts'
import { type RequestBff, requestBff } from '../request-bff.ts'

type RouteHandler = (request: Request) => Promise<Response>
type Methods = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Route handlers for a catch-all file such as `app/bff/[...path]/route.ts` and one for each proxied path:
 * `export const { GET, POST } = bffHandlers(core)`.
 */
export function bffHandlers(core: BffDoor): Readonly<Record<Methods, RouteHandler>> {
  const handle: RouteHandler = (request) => core.handle(request)
  return { GET: handle, HEAD: handle, POST: handle, PUT: handle, PATCH: handle, DELETE: handle }
}

/** Wraps a route handler of the application's own: only its own front end may call it, for people signed in, and BFF errors become problems. */
export function withBff(
  core: BffDoor,
  handler: (request: Request, bff: RequestBff) => Promise<Response>,
  rule: LocalRule = {},
): RouteHandler {
  return async (request) => {
    const refusal = await core.refuseLocal(request, rule)
    if (refusal !== null) return refusal
    try {
      return await handler(request, requestBff(core, request))
    } catch (error) {
      if (error instanceof Error && ['ProtocolError', 'OAuthError'].includes(error.name)) {
        return core.problemResponse(error, request)
      }
      throw error
    }
  }
}
