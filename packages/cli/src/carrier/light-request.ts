import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { ArrivedHeaders } from './arrived-headers.ts'
import { ArrivingMessage, closedEarly } from './arriving-message.ts'
import { delegate } from './delegate.ts'

const NativeRequest = globalThis.Request

/**
 * A request as Node has it, under Fetch's names. What most requests are asked for (method, address, a header, the body as
 * text) costs next to nothing; anything else makes Fetch's own request, once.
 */
export class LightRequest {
  readonly method: string
  readonly url: string
  readonly headers: ArrivedHeaders
  readonly #incoming: IncomingMessage
  #native: Request | undefined
  #isTaken = false

  constructor(incoming: IncomingMessage, url: string) {
    this.method = incoming.method ?? 'GET'
    this.url = url
    this.headers = new ArrivedHeaders(incoming)
    this.#incoming = incoming
  }

  /** The IP address at the other end of the connection. */
  get peerAddress(): string | undefined {
    return this.#incoming.socket.remoteAddress
  }

  get bodyUsed(): boolean {
    return this.#isTaken || this.#native?.bodyUsed === true
  }

  text(): Promise<string> {
    if (this.#native !== undefined || this.#isTaken) return this.native.text()
    // The server was told to make no stream for a body that is not there: nobody would say that it ends.
    if (!hasBody(this.#incoming)) return Promise.resolve('')
    this.#isTaken = true
    return (this.#incoming instanceof ArrivingMessage ? this.#incoming.gather() : null) ?? collect(this.#incoming)
  }

  /** Fetch's own. A body that was taken as text stays taken. */
  get native(): Request {
    if (this.#native !== undefined) return this.#native
    const { method, url } = this
    const headers = [...this.headers.gathered]
    if (method === 'GET' || method === 'HEAD' || !hasBody(this.#incoming)) {
      this.#native = new NativeRequest(url, { method, headers })
      return this.#native
    }
    const body = (this.#isTaken ? new ReadableStream() : Readable.toWeb(this.#incoming)) as ReadableStream
    const init = { method, headers, body, duplex: 'half' }
    this.#native = new NativeRequest(url, init)
    if (this.#isTaken) this.#native.body?.getReader()
    return this.#native
  }
}

delegate(LightRequest, NativeRequest, ['method', 'url', 'headers'])

/** @spec RFC 9112 §6 */
function hasBody({ headers }: IncomingMessage): boolean {
  return 'content-length' in headers || 'transfer-encoding' in headers
}

/** The body as text; whoever reads it has looked at its length before. Rejects when the client goes away in its midst. */
function collect(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let only: Buffer | undefined
    let more: Buffer[] | undefined
    incoming.on('data', (chunk: Buffer) => {
      if (only === undefined) only = chunk
      else if (more === undefined) more = [only, chunk]
      else more.push(chunk)
    })
    incoming.on('end', () => resolve((more === undefined ? only : Buffer.concat(more))?.toString() ?? ''))
    incoming.on('error', reject)
    incoming.on('close', () => {
      if (!incoming.complete) reject(closedEarly())
    })
  })
}
