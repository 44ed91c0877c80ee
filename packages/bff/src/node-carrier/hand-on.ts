import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Passage } from '../proxy/passage.ts'
import { isEndless } from '../proxy/proxy.ts'

export interface Answer {
  readonly passage: Passage
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly answer: IncomingMessage
}

/** An answer that is still under way by then is tied to the session. */
const lastingSeconds = 1

/** Hands the API's answer on, its body at the browser's pace, its trailers where the browser takes them. */
export function handOn({ passage, incoming, outgoing, answer }: Answer): void {
  const { statusCode: status = 502, headers } = answer
  if (outgoing.destroyed) answer.destroy()
  if (answer.destroyed && !answer.complete) outgoing.destroy()
  if (outgoing.destroyed) return
  const returned = passage.returned(answer.rawHeaders)
  const length = headers['transfer-encoding'] === undefined ? headers['content-length'] : undefined
  // @spec RFC 9110 §8.6
  if (length !== undefined && status !== 204) returned.push('content-length', length)
  outgoing.writeHead(status, answer.statusMessage, returned)
  passage.answered(status)

  const endless = isEndless(headers['content-type'])
  answer.on('error', () => outgoing.destroy())
  if (endless || length === undefined || Number(length) > 65_536) {
    const stop = passage.untilSessionEnds(
      () => {
        // Of an event stream there is no more to come; any other body ends visibly short of its end.
        if (endless) outgoing.end()
        else outgoing.destroy()
        answer.destroy()
      },
      endless ? 0 : lastingSeconds,
    )
    outgoing.on('close', stop)
    // Headers wait for the first of the body, but not longer than it takes to look.
    setImmediate(() => {
      if (!outgoing.writableEnded) outgoing.flushHeaders()
    })
  }
  if (length === undefined && takesTrailers(incoming.headers.te)) {
    answer.on('end', () => {
      const trailers = passage.trailers('answer', answer.rawTrailers)
      if (trailers.length > 0) outgoing.addTrailers(trailers)
    })
  }
  answer.pipe(outgoing)
}

/** @spec RFC 9110 §10.1.4 */
export function takesTrailers(te: string | readonly string[] | undefined): boolean {
  return te !== undefined && /(^|,)\s*trailers\s*(,|$)/i.test(String(te))
}
