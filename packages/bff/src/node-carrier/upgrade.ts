import { type ClientRequest, type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Passage } from '../proxy/passage.ts'
import { answerWith } from './answer-with.ts'
import type { Connections } from './connections.ts'
import { handOn } from './hand-on.ts'
import { agreement, handshakeHeaders } from './handshake.ts'
import { joinTunnel } from './tunnel.ts'

export interface Upgrade {
  readonly passage: Passage
  readonly incoming: IncomingMessage
  readonly socket: Socket
  /** What came behind the handshake. */
  readonly head: Buffer
  readonly connections: Connections
  /** Told of what ends the joined connections, and again when they have ended. */
  readonly joined: (end: () => void) => void
}

const tooLate = new Error('the API did not begin its answer in time')

/**
 * Carries a WebSocket's handshake to the API, with the token, and joins the two connections where the API agrees;
 * any other answer is handed on and ends the connection. @spec RFC 6455 §4
 */
export function carryUpgrade(upgrade: Upgrade): void {
  const { passage, incoming, socket, connections } = upgrade
  let current: ClientRequest | null = null
  const outgoing = answerOn(incoming, socket)
  socket.on('close', () => current?.destroy())
  const refuse = (answer: Response) => void answerWith(outgoing, answer).catch(() => socket.destroy())

  function attempt(): void {
    if (socket.destroyed) return
    const { method, origin, path } = passage
    const headers = [...passage.headers(), ...handshakeHeaders(incoming)]
    const request = connections.request({ method, origin, path, headers, fresh: true })
    current = request
    const inTime = passage.after(passage.answerSeconds, () => request.destroy(tooLate))
    request.on('upgrade', (answer, api: Socket, first) => {
      inTime()
      const agreed = agreement(incoming, answer)
      if (agreed === null) {
        api.destroy()
        refuse(passage.failed(new Error('the API did not agree to the handshake that it was sent')))
      } else join(upgrade, outgoing, { api, first, agreed })
    })
    request.on('response', (answer) => {
      inTime()
      judged(request, answer).catch(() => socket.destroy())
    })
    request.on('error', (cause) => {
      inTime()
      if (current === request && !outgoing.headersSent)
        refuse(cause === tooLate ? passage.late() : passage.failed(cause))
    })
    request.end()
  }

  async function judged(request: ClientRequest, answer: IncomingMessage): Promise<void> {
    const header = (name: string) => answer.headers[name]?.toString() ?? null
    const verdict = await passage.judge({ status: answer.statusCode ?? 502, header }, true)
    if (verdict === 'pass') return handOn({ passage, incoming, outgoing, answer })
    current = null
    request.destroy()
    if (verdict === 'again') attempt()
    else refuse(verdict)
  }
  attempt()
}

/** An answer on a connection that was given up for an upgrade: it is the last thing said there. */
export function answerOn(incoming: IncomingMessage, socket: Socket): ServerResponse {
  const outgoing = new ServerResponse(incoming)
  outgoing.shouldKeepAlive = false
  outgoing.assignSocket(socket)
  outgoing.on('finish', () => {
    outgoing.detachSocket(socket)
    socket.end(() => socket.destroy())
  })
  return outgoing
}

interface Agreed {
  readonly api: Socket
  readonly first: Buffer
  readonly agreed: readonly string[]
}

function join({ passage, socket, head, joined }: Upgrade, outgoing: ServerResponse, { api, first, agreed }: Agreed) {
  if (socket.destroyed) {
    api.destroy()
    return
  }
  for (const side of [socket, api]) side.setTimeout(0).setNoDelay(true).setKeepAlive(true, 30_000)
  outgoing.writeHead(101, 'Switching Protocols', [...agreed])
  outgoing.flushHeaders()
  outgoing.detachSocket(socket)
  passage.answered(101, 'upgrade')
  if (first.length > 0) api.unshift(first)
  if (head.length > 0) socket.unshift(head)
  joined(joinTunnel({ passage, browser: socket, api }))
}
