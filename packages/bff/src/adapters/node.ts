import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { BffDoor } from '../bff.ts'
import { answerWith } from '../node-carrier/answer-with.ts'
import { arrivedOf, awaitingContinue, namesHostTwice, targetOf } from '../node-carrier/arrived.ts'
import { hostProblem } from '../node-carrier/bff-server.ts'
import { carry } from '../node-carrier/carry.ts'
import { createConnections } from '../node-carrier/connections.ts'
import type { Passage } from '../proxy/passage.ts'

export { bffServer } from '../node-carrier/bff-server.ts'

/** Answers what is the BFF's and leaves the rest to `otherwise`; false when the request was left to the caller. */
export type NodeDoor = (request: IncomingMessage, response: ServerResponse) => boolean

/** For servers of Node's own making: `if (!door(req, res)) …`. The target is judged as it arrived. */
export function nodeDoor(core: BffDoor): NodeDoor {
  const connections = createConnections()
  const listener = getRequestListener((request, { incoming }) => core.handle(request, targetOf(incoming)), {
    overrideGlobalObjects: false,
  })
  async function answer({ incoming, outgoing, opening }: Exchange): Promise<void> {
    const awaitsContinue = awaitingContinue.has(incoming)
    const passage = await opening
    if (namesHostTwice(incoming)) return answerWith(outgoing, hostProblem())
    if (passage instanceof Response) return answerWith(outgoing, passage)
    if (passage !== null) return carry({ passage, incoming, outgoing, connections, awaitsContinue })
    if (awaitsContinue) outgoing.writeContinue()
    return listener(incoming, outgoing)
  }
  return (incoming, outgoing) => {
    const opening = core.passage(arrivedOf(incoming))
    if (opening === null && !core.owns(targetOf(incoming), incoming.headers.host)) return false
    refuseReadBody(incoming)
    answer({ incoming, outgoing, opening }).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : undefined)
    })
    return true
  }
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly opening: Promise<Passage | Response> | null
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
