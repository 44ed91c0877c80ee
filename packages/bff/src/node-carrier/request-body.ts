import type { ClientRequest, IncomingMessage } from 'node:http'
import { replayableBytes } from '../proxy/proxy.ts'

/** The body of a request on its way through: streamed at the API's pace, its beginning kept for a second attempt. */
export interface RequestBody {
  /** Whether all of it so far can be sent once more. */
  readonly replayable: boolean
  /** Sends what there was, and from now on what comes, to `request` instead of where it went before. */
  sendTo(request: ClientRequest): void
  /** Lets nothing come until what it returns is called, or the next `sendTo`. */
  hold(): () => void
}

/** @param trailersOf the fields after the body that go on, asked for once it has ended */
export function requestBody(incoming: IncomingMessage, trailersOf: () => [string, string][]): RequestBody {
  let kept: Buffer[] | null = []
  let size = 0
  let ended = false
  let held = false
  let sink: ClientRequest | null = null

  const write = (chunk: Buffer, to: ClientRequest) => {
    if (to.destroyed || to.write(chunk)) return
    incoming.pause()
    to.once('drain', () => {
      if (sink === to && !held) incoming.resume()
    })
  }
  const finish = (to: ClientRequest) => {
    const trailers = trailersOf()
    if (trailers.length > 0) to.addTrailers(trailers)
    to.end()
  }
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > replayableBytes) kept = null
    kept?.push(chunk)
    if (sink !== null) write(chunk, sink)
  })
  incoming.on('end', () => {
    ended = true
    if (sink !== null) finish(sink)
  })
  incoming.pause()
  return {
    get replayable() {
      return kept !== null
    },
    sendTo(request) {
      sink = request
      held = false
      for (const chunk of kept ?? []) request.write(chunk)
      if (ended) finish(request)
      else incoming.resume()
    },
    hold() {
      held = true
      incoming.pause()
      return () => {
        held = false
        incoming.resume()
      }
    },
  }
}
