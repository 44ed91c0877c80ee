import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Passage } from '../proxy/passage.ts'
import { isEndless } from '../proxy/proxy.ts'
import { hasBody } from '../proxy/refusal.ts'
import { answerWith } from './answer-with.ts'
import type { Connections } from './connections.ts'
import { handOn, takesTrailers } from './hand-on.ts'
import { type RequestBody, requestBody } from './request-body.ts'

export interface Carriage {
  readonly passage: Passage
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly connections: Connections
  /** Whether the browser waits for leave to send its body, which is ours to give. @spec RFC 9110 §10.1.1 */
  readonly awaitsContinue: boolean
}

/** Sent twice, they do no more than once. @spec RFC 9110 §9.2.2 */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
const tooLate = new Error('the API did not begin its answer in time')
/** An API that knows nothing of `100-continue` is given the body after this long. @spec RFC 9110 §10.1.1 */
const continueSeconds = 1

/**
 * Carries a request to the API and its answer back, byte for byte and at the pace of whoever reads, with as many
 * attempts as the passage asks for. An abort on either side ends the other.
 */
export function carry(carriage: Carriage): void {
  const { passage, incoming, outgoing, connections } = carriage
  const body = hasBody(incoming) ? requestBody(incoming, () => passage.trailers('request', incoming.rawTrailers)) : null
  const framing = framingOf(incoming)
  /** A stream stays open for as long as somebody listens: it takes no connection from the calls. */
  const ofItsOwn = isEndless(incoming.headers.accept)
  let current: ClientRequest | null = null
  let answering: ClientRequest | null = null
  let retried = false
  let mayCome = !carriage.awaitsContinue

  outgoing.on('close', () => {
    if (outgoing.writableFinished) return
    if (!outgoing.headersSent) passage.left()
    current?.destroy()
  })
  const refuse = (answer: Response) => {
    body?.hold()
    answerWith(outgoing, answer).catch(() => outgoing.destroy())
    incoming.resume()
  }

  function attempt(fresh: boolean): void {
    if (outgoing.destroyed) return
    const headers = passage.headers()
    headers.push(...framing)
    const { method, origin, path } = passage
    const request = connections.request({ method, origin, path, headers, fresh: fresh || ofItsOwn })
    current = request
    let inTime = () => {}
    const hurry = () => {
      inTime = passage.after(passage.answerSeconds, () => request.destroy(tooLate))
    }
    request.on('response', (answer) => {
      inTime()
      heard(request, answer)
    })
    request.on('error', (cause) => {
      inTime()
      if (current === request && answering !== request) failed(request, cause)
    })
    if (body === null) {
      hurry()
      request.end()
      return
    }
    // An upload takes as long as it takes: the API's time begins when it has it all.
    request.on('finish', () => {
      if (answering !== request) hurry()
    })
    sendBody(request, body)
  }

  function sendBody(request: ClientRequest, whole: RequestBody): void {
    if (mayCome) {
      whole.sendTo(request)
      return
    }
    const go = () => {
      cancel()
      if (mayCome || outgoing.headersSent || request.destroyed) return
      mayCome = true
      outgoing.writeContinue()
      whole.sendTo(request)
    }
    const cancel = passage.after(continueSeconds, go)
    request.on('continue', go).on('response', cancel).on('close', cancel)
    request.flushHeaders()
  }

  function heard(request: ClientRequest, answer: IncomingMessage): void {
    answering = request
    const { statusCode: status = 502 } = answer
    const header = (name: string) => answer.headers[name]?.toString() ?? null
    const verdict = passage.judge({ status, header }, body === null || body.replayable)
    const pass = () => handOn({ passage, incoming, outgoing, answer })
    if (verdict === 'pass') {
      pass()
      return
    }
    const release = body?.hold()
    verdict.then(
      (judged) => {
        if (judged === 'pass') {
          release?.()
          pass()
          return
        }
        current = null
        request.destroy()
        if (judged === 'again') attempt(false)
        else refuse(judged)
      },
      () => outgoing.destroy(),
    )
  }

  function failed(request: ClientRequest, cause: Error): void {
    if (outgoing.destroyed) return
    const replayable = body === null || body.replayable
    if (request.reusedSocket && !retried && replayable && cause !== tooLate && idempotent.has(passage.method)) {
      retried = true
      attempt(true)
    } else refuse(cause === tooLate ? passage.late() : passage.failed(cause))
  }
  attempt(false)
}

/** How the body is framed on its way to the API, out of what the server of Node has understood. @spec RFC 9112 §6.1 */
function framingOf({ headers }: IncomingMessage): readonly string[] {
  const framing: string[] = []
  if (headers['transfer-encoding'] !== undefined) framing.push('transfer-encoding', 'chunked')
  else if (headers['content-length'] !== undefined) framing.push('content-length', headers['content-length'])
  if (headers.expect !== undefined) framing.push('expect', '100-continue')
  if (takesTrailers(headers.te)) framing.push('te', 'trailers', 'connection', 'te')
  return framing
}
