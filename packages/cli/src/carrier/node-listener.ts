import type { IncomingMessage, ServerResponse } from 'node:http'
import { ArrivingMessage } from './arriving-message.ts'
import { LightHeaders } from './light-headers.ts'
import { LightRequest } from './light-request.ts'
import { LightResponse, type PlainAnswer } from './light-response.ts'
import { requestUrl } from './request-url.ts'

export type FetchHandler = (request: Request, from: { readonly incoming: IncomingMessage }) => Promise<Response>

/** What the servers are made with that `nodeListener` listens to: a request without a body needs no stream for it. */
export const carrierOptions = { optimizeEmptyRequests: true, IncomingMessage: ArrivingMessage }

/**
 * Carries a Fetch handler on `node:http` at the price of `node:http` itself: Fetch's own objects would cost more than most
 * answers. From here on `new Response` in this process makes light ones; any other is carried too.
 */
export function nodeListener(handle: FetchHandler): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  Object.defineProperty(globalThis, 'Response', { value: LightResponse, writable: true, configurable: true })
  return (incoming, outgoing) => {
    const url = requestUrl(incoming)
    if (url === null) {
      outgoing.writeHead(400, ['content-length', '0']).end()
      return
    }
    const request = new LightRequest(incoming, url) as unknown as Request
    handle(request, { incoming }).then(
      (response) => deliver(response, outgoing),
      () => giveUp(outgoing),
    )
  }
}

function deliver(response: Response, outgoing: ServerResponse): void {
  const light = response instanceof LightResponse ? (response as LightResponse) : null
  const plain = light?.plain ?? null
  if (plain === null) {
    sendNative(light?.native ?? response, outgoing).catch(() => giveUp(outgoing))
    return
  }
  try {
    sendPlain(plain, outgoing)
  } catch {
    giveUp(outgoing)
  }
}

function sendPlain({ status, headers, body }: PlainAnswer, outgoing: ServerResponse): void {
  const lines = linesOf(headers)
  const length = body === null ? 0 : Buffer.byteLength(body)
  if (body !== null) lines.push('content-length', String(length))
  else if (status !== 204 && status !== 304 && outgoing.req.method !== 'HEAD') lines.push('content-length', '0')
  outgoing.writeHead(status, lines)
  if (body === null) outgoing.end()
  // A byte for each sign: Node need not look for longer ones.
  else outgoing.end(body, typeof body === 'string' && length === body.length ? 'latin1' : 'utf8')
}

/** As Node takes them cheapest: names and values in turn. */
function linesOf(headers: PlainAnswer['headers'] | Headers): string[] {
  const lines: string[] = []
  if (headers instanceof LightHeaders) for (const pair of headers.pairs) lines.push(...pair)
  else if (headers instanceof Headers) for (const pair of headers) lines.push(...pair)
  else for (const name in headers) lines.push(name, headers[name] ?? '')
  return lines
}

/** A stream is sent as it comes, and told when nobody listens any more. */
async function sendNative({ status, headers, body }: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(status, linesOf(headers))
  if (body === null) {
    outgoing.end()
    return
  }
  outgoing.flushHeaders()
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  const isGone = new Promise<void>((resolve) => outgoing.once('close', resolve))
  void isGone.then(() => reader.cancel()).catch(() => {})
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (outgoing.write(part.value) || outgoing.destroyed) continue
    await Promise.race([isGone, new Promise((resolve) => outgoing.once('drain', resolve))])
  }
  outgoing.end()
}

/** What is half sent is cut off, so that nobody takes it for the whole. */
function giveUp(outgoing: ServerResponse): void {
  if (outgoing.headersSent) outgoing.destroy()
  else outgoing.writeHead(500, ['content-length', '0']).end()
}
