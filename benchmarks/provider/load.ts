/**
 * The load's side of one keep-alive connection. It reads answers by hand: a client library would take longer to ask than
 * the server to answer, and a server that waits for its load is measured asleep.
 */
import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  /** Lines of the head as they came. */
  readonly head: string
  readonly body: string
}

export interface Connection {
  /** One request at a time; a connection that the server closed between two is opened again. */
  send(request: string): Promise<Answer>
  close(): void
}

const endOfHead = '\r\n\r\n'

export function openConnection(port: number): Connection {
  let socket: Socket | undefined
  let received = ''
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined

  function take(chunk: Buffer): void {
    received += chunk.toString('latin1')
    const answer = readAnswer(received)
    if (answer === undefined) return
    received = ''
    const { resolve } = waiting ?? { resolve: () => {} }
    waiting = undefined
    resolve(answer)
  }
  function lost(error?: Error): void {
    socket = undefined
    waiting?.reject(error ?? new Error('the server closed the connection in the midst of an answer'))
    waiting = undefined
  }
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket ??= connect({ port, host: '127.0.0.1', noDelay: true })
          .on('data', take)
          .on('error', lost)
          .on('close', () => lost())
        socket.write(request, 'latin1')
      }),
    close: () => socket?.destroy(),
  }
}

/** The whole answer, or undefined while more of it is to come. */
function readAnswer(text: string): Answer | undefined {
  const end = text.indexOf(endOfHead)
  if (end === -1) return undefined
  const head = text.slice(0, end)
  const status = Number(head.slice(9, 12))
  const body = text.slice(end + endOfHead.length)
  const length = header(head, 'content-length')
  if (length !== undefined) return body.length < Number(length) ? undefined : { status, head, body }
  if (header(head, 'transfer-encoding') !== 'chunked') return { status, head, body }
  return body.endsWith(`0${endOfHead}`) ? { status, head, body: unchunked(body) } : undefined
}

/** The first header of this name (lower case). */
export function header(head: string, name: string): string | undefined {
  return new RegExp(`\r\n${name}: ?([^\r]*)`, 'i').exec(head)?.[1]
}

export function headers(head: string, name: string): readonly string[] {
  return [...head.matchAll(new RegExp(`\r\n${name}: ?([^\r]*)`, 'gi'))].map(([, value = '']) => value)
}

function unchunked(body: string): string {
  let text = ''
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.slice(at, lineEnd), 16)
    if (!(length > 0)) return text
    text += body.slice(lineEnd + 2, lineEnd + 2 + length)
    at = lineEnd + 2 + length + 2
  }
}
