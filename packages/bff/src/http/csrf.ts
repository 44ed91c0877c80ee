import { problem } from './problem.ts'
import { type BffRequest, headerOf } from './request.ts'

/** The header that only our own script can send: a foreign page would need a preflight, which is never granted. */
export interface CsrfHeader {
  readonly name: string
  readonly value: string
}

interface CsrfRule {
  readonly header: CsrfHeader
  readonly origin: string
}

/**
 * The refusal of a request that does not come from our own front end, or null. Every method counts, reading too:
 * an answer with a person's data is worth stealing.
 */
export function csrfRefusal(request: BffRequest, rule: CsrfRule): Response | null {
  const { header } = rule
  if (headerOf(request, header.name) === header.value) return foreign(request, rule)
  return foreign(request, rule) ?? refuse(`send the header ${header.name}: ${header.value}`)
}

/**
 * The same where a page cannot send a header (EventSource, WebSocket): the browser's own word that the request comes
 * from our origin stands in for it. Without that word it is refused. @spec Fetch Metadata §2; RFC 6455 §10.2
 */
export function originRefusal(request: BffRequest, rule: CsrfRule): Response | null {
  const refusal = foreign(request, rule)
  if (refusal !== null) return refusal
  const { header, origin } = rule
  if (headerOf(request, header.name) === header.value) return null
  const proven = headerOf(request, 'sec-fetch-site') === 'same-origin' || headerOf(request, 'origin') === origin
  const mode = headerOf(request, 'sec-fetch-mode')
  // An image, a form or a link of our own page is not our script.
  const byScript = mode === null || mode === 'cors' || mode === 'same-origin' || mode === 'websocket'
  return proven && byScript ? null : refuse('nothing shows that this request comes from our own page')
}

/** Whether the page had no way to send a header: an EventSource or a WebSocket. @spec HTML §9.2; RFC 6455 §4.1 */
export function cannotSendHeader(request: BffRequest, method: string): boolean {
  if (method !== 'GET') return false
  return (
    headerOf(request, 'accept') === 'text/event-stream' || headerOf(request, 'upgrade')?.toLowerCase() === 'websocket'
  )
}

function foreign(request: BffRequest, { origin }: CsrfRule): Response | null {
  const sentOrigin = headerOf(request, 'origin')
  if (sentOrigin !== null && sentOrigin !== origin)
    return refuse(`requests from another origin than ${origin} are refused`)
  const site = headerOf(request, 'sec-fetch-site')
  if (site === 'cross-site' || site === 'same-site') return refuse('requests from another site are refused')
  return null
}

function refuse(detail: string): Response {
  return problem({ status: 403, code: 'csrf', detail })
}
