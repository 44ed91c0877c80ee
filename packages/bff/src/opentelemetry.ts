import { type Meter, metrics, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { BffDoor } from './bff.ts'
import type { BffEvent } from './events.ts'
import type { Passage } from './proxy/passage.ts'

/** Metrics and spans of a BFF. Without an SDK they cost next to nothing. */
export interface BffTelemetry {
  /** For the BFF's `onEvent`: counts renewals, sessions and what was proxied. */
  readonly onEvent: (event: BffEvent) => void
  /** The same BFF with a span around each answer of its own and each proxied request, up to the answer's beginning. */
  traced<T extends BffDoor>(core: T): T
}

export interface TelemetryOptions {
  readonly meter?: Meter
  readonly tracer?: Tracer
}

/** Nothing of a token, a session, a person or an address goes into any of them; routes go by their `match`. */
export function openTelemetry(options: TelemetryOptions = {}): BffTelemetry {
  const { meter = metrics.getMeter('@latchkey/bff'), tracer = trace.getTracer('@latchkey/bff') } = options
  return { onEvent: counting(meter), traced: (core) => traced(tracer, core) }
}

function counting(meter: Meter): (event: BffEvent) => void {
  const counter = (name: string, description: string) => meter.createCounter(`latchkey.bff.${name}`, { description })
  const seconds = (name: string, description: string) =>
    meter.createHistogram(`latchkey.bff.${name}`, { unit: 's', description })
  const renewals = counter('renewals', 'Renewals of tokens, by outcome')
  const waits = seconds('renewal.wait', 'How long a renewal waited for another process')
  const takeovers = counter('lease.taken_over', 'Renewals taken over from a process that fell silent')
  const started = counter('sessions.started', 'Sessions started')
  const ended = counter('sessions.ended', 'Sessions ended here, by reason')
  const unreadable = counter('sessions.unreadable', 'Sessions that could not be opened')
  const failures = counter('proxy.failures', 'Proxied requests that the API did not answer, by route')
  const durations = seconds('proxy.duration', 'Until an API began its answer, by route')
  return (event) => {
    switch (event.type) {
      case 'tokens_renewed':
        return renewals.add(1, { outcome: 'renewed' })
      case 'renewal_failed':
        return renewals.add(1, { outcome: codeOf(event.cause) })
      case 'renewal_waited':
        return waits.record(event.seconds)
      case 'lease_taken_over':
        return takeovers.add(1)
      case 'signed_in':
        return started.add(1)
      case 'signed_out':
        return ended.add(1, { because: 'signed_out' })
      case 'session_ended':
        return ended.add(1, { because: event.because })
      case 'session_unreadable':
        return unreadable.add(1)
      case 'proxy_failed':
        return failures.add(1, { route: event.route })
      case 'proxied': {
        const { route, method, status, kind } = event
        return durations.record(event.seconds, { route, method, status, kind })
      }
    }
  }
}

function traced<T extends BffDoor>(tracer: Tracer, core: T): T {
  return {
    ...core,
    handle: (request, target) =>
      tracer.startActiveSpan('latchkey.bff.answer', async (span) => {
        const response = await core.handle(request, target)
        endSpan(span, response.status)
        return response
      }),
    passage(arrived) {
      const opening = core.passage(arrived)
      if (opening === null) return null
      return tracer.startActiveSpan('latchkey.bff.proxy', async (span) => {
        const found = await opening
        if (found instanceof Response) endSpan(span, found.status)
        return found instanceof Response ? found : tracedPassage(found, span)
      })
    },
  } satisfies BffDoor & T
}

function tracedPassage(passage: Passage, span: Span): Passage {
  span.setAttribute('http.route', passage.route)
  span.setAttribute('http.request.method', passage.method)
  const ending = (response: Response) => {
    endSpan(span, response.status)
    return response
  }
  return {
    ...passage,
    failed: (cause) => ending(passage.failed(cause)),
    late: () => ending(passage.late()),
    left() {
      passage.left()
      span.end()
    },
    answered(status, kind) {
      passage.answered(status, kind)
      endSpan(span, status)
    },
  }
}

function endSpan(span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status)
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

function codeOf(cause: unknown): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : 'failed'
}
