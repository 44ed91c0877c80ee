import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { BffDoor } from '../bff.ts'

/** Answers what is the BFF's and leaves the rest to `otherwise`; false when the request was left to the caller. */
export type NodeDoor = (request: IncomingMessage, response: ServerResponse) => boolean

/** For servers of Node's own making: `if (!door(req, res)) …`. The target is judged as it arrived. */
export function nodeDoor(core: BffDoor): NodeDoor {
  const listener = getRequestListener((request, { incoming }) => core.handle(request, targetOf(incoming)), {
    overrideGlobalObjects: false,
  })
  return (request, response) => {
    if (!core.owns(targetOf(request), request.headers.host)) return false
    refuseReadBody(request)
    listener(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined)
    })
    return true
  }
}

/** Express cuts the path where a router is mounted and keeps the whole. */
function targetOf(request: object & { url?: string | undefined; originalUrl?: string }): string {
  return request.originalUrl ?? request.url ?? '/'
}

/** A `node:http` listener: the BFF first, then `otherwise`, else 404. */
export function bff(core: BffDoor, otherwise?: RequestListener): RequestListener {
  const door = nodeDoor(core)
  return (request, response) => {
    if (door(request, response)) return
    if (otherwise === undefined) response.writeHead(404).end()
    else otherwise(request, response)
  }
}

/** @throws Error when something before the BFF has read the body: there would be nothing left to pass on. */
export function refuseReadBody(request: IncomingMessage): void {
  if (request.readableDidRead) {
    throw new Error('the body was read before it reached the BFF: mount the BFF before body parsers')
  }
}
