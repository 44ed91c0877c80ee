import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { BffDoor } from '../bff.ts'
import { problem } from '../http/problem.ts'
import type { Passage } from '../proxy/passage.ts'
import { answerWith } from './answer-with.ts'
import { arrivedOf, awaitingContinue, namesHostTwice, targetOf } from './arrived.ts'
import { createConnections } from './connections.ts'
import { handshakeRefusal } from './handshake.ts'
import { answerOn, carryUpgrade } from './upgrade.ts'

/**
 * Adds to a server what a listener for requests cannot see: WebSockets go through, and the leave to send a body
 * (`100-continue`) is the API's to give. Called once for each server; returns what ends the open WebSockets, for an
 * orderly stop.
 */
export function bffServer(core: BffDoor, server: Server): () => void {
  const connections = createConnections()
  const open = new Set<() => void>()
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (core.owns(targetOf(request), request.headers.host)) awaitingContinue.add(request)
    else response.writeContinue()
    server.emit('request', request, response)
  })
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    // What is nobody's is answered here where no other listener could.
    const owned = core.owns(targetOf(incoming), incoming.headers.host)
    if (!owned && server.listenerCount('upgrade') > 1) return
    socket.on('error', () => socket.destroy())
    const joined = (end: () => void) => {
      open.add(end)
      socket.on('close', () => open.delete(end))
    }
    openUpgrade(core, incoming)
      .then((passage) =>
        passage instanceof Response
          ? answerWith(answerOn(incoming, socket), passage)
          : carryUpgrade({ passage, incoming, socket, head, connections, joined }),
      )
      .catch(() => socket.destroy())
  })
  return () => {
    for (const end of open) end()
  }
}

/** Whoever may not ask is told so before what they ask is looked at more closely. */
async function openUpgrade(core: BffDoor, incoming: IncomingMessage): Promise<Passage | Response> {
  if (namesHostTwice(incoming)) return hostProblem()
  const refusal = handshakeRefusal(incoming)
  if (refusal !== null) return refusal
  const opening = core.passage({ ...arrivedOf(incoming), upgradable: true })
  return opening ?? problem({ status: 404, code: 'not_found', detail: 'there is no WebSocket at this path' })
}

export function hostProblem(): Response {
  return problem({ status: 400, code: 'invalid_request', detail: 'a request names one host' })
}
