import { ProtocolError } from '@latchkey/protocol'
import { securityHeaders } from '../http/answers.ts'
import { originRefusal } from '../http/csrf.ts'
import type { Session } from '../session/sessions.ts'
import type { BffSessionRecord, EndReason } from '../session-store/session-store.ts'
import type { Endpoint, Parts } from './endpoint.ts'

/** The front end hears this long before the end that a session is about to expire. */
const warnSeconds = 60
/** A comment line this often keeps intermediaries from closing a silent stream. */
const heartbeatSeconds = 15

/**
 * A stream of what happens to this session, from whichever node: `signed-in` at first, `renewed`, `expiring`, `ended`.
 * Watching does not keep the session alive. @spec HTML §9.2 (server-sent events)
 */
export const eventsEndpoint: Endpoint = {
  path: '/events',
  methods: ['GET'],
  audience: 'front end',
  async handle(parts, { request }) {
    const refusal = originRefusal(request, parts.settings.csrf)
    if (refusal !== null) return refusal
    const session = parts.sessions.of(request)
    const opened = await session?.open({ slide: false })
    if (session === null || opened == null) throw new ProtocolError('not_signed_in', 'nobody is signed in')
    return new Response(eventStream(parts, { session, row: opened.row, signal: request.signal }), {
      headers: { ...securityHeaders, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
    })
  },
}

/** `expired`, or what ended it before its time, on whichever node. */
async function whyEnded({ store }: Parts, { hash }: Session): Promise<EndReason | 'expired'> {
  return (await store.whyEnded(hash).catch(() => 'signed_out' as const)) ?? 'expired'
}

interface Watched {
  readonly session: Session
  readonly row: BffSessionRecord
  readonly signal: AbortSignal
}

function eventStream(parts: Parts, { session, row, signal }: Watched): ReadableStream<Uint8Array> {
  const { runtime } = parts.connection
  const encoder = new TextEncoder()
  let stop = () => {}
  let hasLeft = false
  const leave = () => {
    hasLeft = true
    stop()
  }
  return new ReadableStream({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      const tell = (event: string, data: object) => send(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      const expiresIn = ({ idleExpiresAt, absoluteExpiresAt }: BffSessionRecord) =>
        Math.max(0, Math.floor(Math.min(idleExpiresAt, absoluteExpiresAt) - runtime.now()))
      let { version } = row
      let last = row
      let cancels: (() => void)[] = []
      const timers = () => {
        for (const cancel of cancels) cancel()
        const warn = () => tell('expiring', { expires_in: expiresIn(last) })
        const beat = () => {
          send(': alive\n\n')
          cancels[0] = runtime.schedule(heartbeatSeconds, beat)
        }
        const left = expiresIn(last)
        cancels = [runtime.schedule(heartbeatSeconds, beat)]
        if (left > 0) cancels.push(runtime.schedule(Math.max(0, left - warnSeconds), warn))
      }
      const unwatch = parts.watch.on(session.hash, (now) => {
        if (now === null) {
          stop()
          return void whyEnded(parts, session).then((because) => {
            // Who leaves while that is looked for has closed the stream.
            if (hasLeft) return
            tell('ended', { because })
            controller.close()
          })
        }
        const moved = now.idleExpiresAt !== last.idleExpiresAt
        last = now
        if (now.version !== version) tell('renewed', { expires_in: expiresIn(now) })
        version = now.version
        if (moved) timers()
      })
      stop = () => {
        unwatch()
        for (const cancel of cancels) cancel()
      }
      signal.addEventListener('abort', leave, { once: true })
      tell('signed-in', { expires_in: expiresIn(row) })
      timers()
    },
    cancel: leave,
  })
}
