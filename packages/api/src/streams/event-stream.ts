import type { AccessToken } from '../access-token.ts'
import { endOf } from '../token-end.ts'

/** One event on its way to a client. @spec HTML Living Standard §9.2.6 */
export interface OutgoingEvent {
  /** Several lines are kept. */
  readonly data: string
  readonly event?: string
  readonly id?: string
  /** Milliseconds after which a client that lost the stream comes again. */
  readonly retry?: number
}

/** Gives events for as long as `signal` is not aborted: that is when the token ends or the client goes. */
export type EventSource = (signal: AbortSignal) => AsyncIterable<OutgoingEvent>

export const eventStreamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const

/** The name of the last event of a stream whose token ended; its data is `expired` or `revoked`. */
export const tokenEndedEvent = 'token-ended'

/** How long a stream is silent at most, so that nothing on the way takes it for dead. */
const heartbeatSeconds = 15

/**
 * The text of a stream of events that ends with its token: what was not written by then is not written any more.
 * Ends at once when `gone` is aborted.
 */
export async function* eventStreamText(
  auth: AccessToken,
  source: EventSource,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const end = endOf(auth)
  const over = AbortSignal.any([gone, end.signal])
  const events = source(over)[Symbol.asyncIterator]()
  try {
    for (let next = events.next(); ; ) {
      const first = await soonest(next, over, end.wait)
      if (over.aborted) break
      if (first === 'silence') {
        yield ':\n\n'
        continue
      }
      if (first === 'over' || first.done === true) break
      yield eventText(first.value)
      next = events.next()
    }
    if (end.signal.aborted && !gone.aborted)
      yield eventText({ event: tokenEndedEvent, data: String(end.signal.reason) })
  } finally {
    end.stop()
    // A source that waits for its next event hears of the end by its signal; nobody waits for it.
    Promise.resolve(events.return?.()).catch(() => {})
  }
}

function soonest<T>(next: Promise<T>, over: AbortSignal, wait: (seconds: number, task: () => void) => () => void) {
  return new Promise<T | 'over' | 'silence'>((resolve, reject) => {
    const finish = (value: T | 'over' | 'silence') => {
      cancel()
      over.removeEventListener('abort', stop)
      resolve(value)
    }
    const stop = () => finish('over')
    const cancel = wait(heartbeatSeconds, () => finish('silence'))
    over.addEventListener('abort', stop, { once: true })
    if (over.aborted) stop()
    next.then(finish, (error: unknown) => {
      cancel()
      over.removeEventListener('abort', stop)
      reject(error)
    })
  })
}

/** A line break in `event` or `id` would begin another field, or another event. */
function eventText({ data, event, id, retry }: OutgoingEvent): string {
  const field = (name: string, value: string) => {
    if (/[\r\n\0]/.test(value)) throw new TypeError(`the ${name} of an event must be one line`)
    return `${name}: ${value}\n`
  }
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`)
  return [
    event === undefined ? '' : field('event', event),
    id === undefined ? '' : field('id', id),
    retry === undefined ? '' : field('retry', String(Math.max(0, Math.floor(retry)))),
    ...lines,
    '\n',
  ].join('')
}

/** The same as the body of a Fetch response; a slow reader holds up nothing but itself. */
export function eventStreamBody(auth: AccessToken, source: EventSource): ReadableStream<Uint8Array> {
  const gone = new AbortController()
  const text = eventStreamText(auth, source, gone.signal)
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await text.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      gone.abort()
      await text.return(undefined)
    },
  })
}

/** An answer of server-sent events that ends with the token. */
export function eventStreamResponse(auth: AccessToken, source: EventSource): Response {
  return new Response(eventStreamBody(auth, source), { headers: eventStreamHeaders })
}
