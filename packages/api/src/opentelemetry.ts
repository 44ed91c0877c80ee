import { type Attributes, type Meter, metrics, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { ApiGuard, Decision } from './api-guard.ts'
import type { GuardEvent } from './guard-event.ts'

/** Metrics and spans of a guard. Without an SDK they cost next to nothing. */
export interface GuardTelemetry {
  /** For the guard's `onEvent`: counts what was verified, refused and judged stale, and follows the feed. */
  readonly onEvent: (event: GuardEvent) => void
  /** The same guard with a span around each decision. */
  traced(guard: ApiGuard): ApiGuard
}

export interface TelemetryOptions {
  readonly meter?: Meter
  readonly tracer?: Tracer
}

/** Nothing of a token, a subject or an address goes into any of them. */
export function openTelemetry(options: TelemetryOptions = {}): GuardTelemetry {
  const { meter = metrics.getMeter('@latchkey/api'), tracer = trace.getTracer('@latchkey/api') } = options
  const verified = meter.createCounter('latchkey.guard.verified', { description: 'Access tokens that verified' })
  const refused = meter.createCounter('latchkey.guard.refused', { description: 'Requests refused, by reason' })
  const stale = meter.createCounter('latchkey.guard.judged_stale', {
    description: 'Tokens judged while the revocation feed was older than its limit',
  })
  const lag = meter.createHistogram('latchkey.guard.feed.lag', { unit: 's', description: 'Age of the feed on arrival' })
  const statusLists = meter.createCounter('latchkey.guard.status_lists', {
    description: 'Status lists fetched, or that could not be had',
  })
  const held = meter.createGauge('latchkey.guard.feed.held', { description: 'Revocations held in memory' })
  return {
    onEvent(event) {
      switch (event.type) {
        case 'verified':
          return verified.add(1, { known: event.known })
        case 'refused':
          return refused.add(1, reason(event))
        case 'judged-stale':
          return stale.add(1, { did: event.did })
        case 'status-list':
          return statusLists.add(1, { fetched: event.fetched })
        default:
          lag.record(event.lagSeconds)
          held.record(event.held)
      }
    },
    traced(guard) {
      return { ...guard, authenticate: (request) => spanned(() => guard.authenticate(request)) }
    },
  }

  function spanned(decide: () => Decision | Promise<Decision>): Decision | Promise<Decision> {
    return tracer.startActiveSpan('latchkey.authenticate', (span) => {
      const decision = decide()
      return decision instanceof Promise ? decision.then((late) => ended(span, late)) : ended(span, decision)
    })
  }
}

function ended(span: Span, decision: Decision): Decision {
  span.setAttribute('latchkey.outcome', decision.outcome)
  if (decision.outcome === 'refused') {
    const { status } = decision.refusal
    span.setAttribute('http.response.status_code', status)
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
  return decision
}

function reason({ status, error }: Extract<GuardEvent, { type: 'refused' }>): Attributes {
  return { status, error: error ?? 'no_credential' }
}
