import { problem } from './problem.ts'
import { type BffRequest, headerOf } from './request.ts'

/** The header that only our own script can send: a foreign page would need a preflight, which is never granted. */
export interface CsrfHeader {
  readonly name: string
  readonly value: string
}

/**
 * The refusal of a request that does not come from our own front end, or null. Every method counts, reading too:
 * an answer with a person's data is worth stealing.
 */
export function csrfRefusal(
  request: BffRequest,
  { header, origin }: { readonly header: CsrfHeader; readonly origin: string },
): Response | null {
  const refuse = (detail: string) => problem({ status: 403, code: 'csrf', detail })
  const sentOrigin = headerOf(request, 'origin')
  if (sentOrigin !== null && sentOrigin !== origin)
    return refuse(`requests from another origin than ${origin} are refused`)
  const site = headerOf(request, 'sec-fetch-site')
  if (site === 'cross-site' || site === 'same-site') return refuse('requests from another site are refused')
  if (headerOf(request, header.name) !== header.value) return refuse(`send the header ${header.name}: ${header.value}`)
  return null
}
