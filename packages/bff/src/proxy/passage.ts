import { asksForNonce, type TokenSet } from '@latchkey/client'
import type { Parts } from '../endpoints/endpoint.ts'
import { problem } from '../http/problem.ts'
import { type ArrivedRequest, type BffRequest, headerOf, isFetchHeaders } from '../http/request.ts'
import type { Prover } from '../session/dpop-keys.ts'
import { type TokenSource, tokenSource } from '../session/token-source.ts'
import { forwarded } from './forwarded.ts'
import { forwardedHeaders, type HeaderList, type HeaderRecord, passedTrailers, returnedHeaders } from './headers.ts'
import { noUpgrade, routeRefusal } from './refusal.ts'
import type { CheckedRoute } from './routes.ts'
import { acrRefusal, stepUpProblem } from './step-up.ts'

/** What an API answered, its body apart. */
export interface ApiAnswer {
  readonly status: number
  header(name: string): string | null
}

/** `pass`: hand the answer on. `again`: send the request once more, its headers made anew. Else: answer this instead. */
export type Verdict = 'pass' | 'again' | Response

/**
 * A request that may go on to an API: where to, with which headers, and what becomes of the answer. Whoever carries
 * the bytes (a door of Node, `fetch`) asks here and decides nothing.
 */
export interface Passage {
  /** The path of ours that its route stands for. */
  readonly route: string
  readonly method: string
  /** Such as "https://api.example.com". */
  readonly origin: string
  /** Path and query. */
  readonly path: string
  /** Seconds until the API has to have begun its answer. */
  readonly answerSeconds: number
  /** The headers of one attempt; how the body is framed is the carrier's to add. */
  headers(): string[]
  /** What becomes of an answer; `replayable` says whether the body can be sent once more. */
  judge(answer: ApiAnswer, replayable: boolean): 'pass' | Promise<Verdict>
  /** The headers of the answer for the browser, framing left out. */
  returned(headers: HeaderList): string[]
  trailers(direction: 'request' | 'answer', fields: HeaderList): [string, string][]
  /**
   * Calls `ended` once the session ends, on whichever node; nothing to wait for where no session's token goes along.
   * `afterSeconds` spares short answers the watching.
   */
  untilSessionEnds(ended: () => void, afterSeconds?: number): () => void
  /** Runs `task` once after `seconds`, by the BFF's clock; returns what cancels it. */
  after(seconds: number, task: () => void): () => void
  /** The answer where the API gave none. */
  failed(cause: unknown): Response
  /** The answer where the API let `answerSeconds` pass. */
  late(): Response
  /** To be called when the browser has left before there was an answer. */
  left(): void
  /** To be called when the answer has begun. */
  answered(status: number, kind?: 'request' | 'upgrade'): void
}

/** @throws ProtocolError, OAuthError as `problemResponse` reads them */
export async function openPassage(
  parts: Parts,
  arrived: ArrivedRequest,
  at: { readonly route: CheckedRoute; readonly rest: string; readonly query: string },
): Promise<Passage | Response> {
  const { route, rest, query } = at
  const { runtime } = parts.connection
  const startedAt = runtime.now()
  const refusal = routeRefusal(parts.settings, arrived, route)
  if (refusal !== null) return refusal
  if (arrived.upgradable !== true && headerOf(arrived, 'upgrade')?.toLowerCase() === 'websocket') return noUpgrade()
  const path = `${route.path}${rest}${query === '' ? '' : `?${query}`}` || '/'
  const session = parts.sessions.of(arrived)
  const source = tokenSource({ session, clientTokens: parts.clientTokens, ...route })
  const wait = arrived.signal === undefined ? {} : { signal: arrived.signal }
  const stronger = session === null ? null : await acrRefusal(session, route, parts.settings.basePath)
  if (stronger !== null) return stronger
  let tokens = await source.get(wait)
  let prover = await proverOf(source, tokens)
  const from = forwarded(route.forwarded, parts.settings.forwardedFor ? arrived.remoteAddress : undefined)
  let renewed = false
  let nonceTried = false

  async function judgeRefusal(answer: ApiAnswer, replayable: boolean): Promise<Verdict> {
    const challenge = answer.header('www-authenticate')
    if (prover !== null && !nonceTried && replayable && asksForNonce(answer.status, answer.header)) {
      nonceTried = true
      return 'again'
    }
    const wanted = stepUpProblem(answer.status, challenge, parts.settings.basePath)
    if (wanted !== null) return wanted
    if (answer.status !== 401 || tokens === null || !replayable || renewed) return 'pass'
    renewed = true
    const fresh: TokenSet | null = await source.renew(tokens.accessToken, wait).catch(() => null)
    if (fresh === null || fresh.accessToken === tokens.accessToken) return 'pass'
    tokens = fresh
    prover = await proverOf(source, tokens)
    return 'again'
  }
  return {
    route: route.match,
    method: arrived.method,
    origin: route.origin,
    path,
    answerSeconds: route.answerSeconds,
    headers() {
      const out = forwardedHeaders(recordOf(arrived), route.requestRule, route.ownHeaders)
      out.push('forwarded', from)
      if (tokens !== null) out.push('authorization', `${tokens.tokenType} ${tokens.accessToken}`)
      if (tokens !== null && prover !== null) {
        const { method } = arrived
        out.push('dpop', prover.proof({ method, origin: route.origin, path, accessToken: tokens.accessToken }))
      }
      return out
    },
    judge(answer, replayable) {
      if (prover !== null) parts.nonces.hear(route.origin, answer.header('dpop-nonce'))
      return answer.status === 401 || answer.status === 403 ? judgeRefusal(answer, replayable) : 'pass'
    },
    returned: (headers) => returnedHeaders(headers, route.answerRule),
    trailers: (direction, fields) =>
      passedTrailers(fields, direction === 'request' ? route.requestTrailerRule : route.answerTrailerRule),
    untilSessionEnds(ended, afterSeconds = 0) {
      if (session === null || tokens === null || !source.isPersons()) return () => {}
      const watch = () =>
        parts.watch.on(session.hash, (row) => {
          if (row === null) ended()
        })
      if (afterSeconds === 0) return watch()
      let stop = runtime.schedule(afterSeconds, () => {
        stop = watch()
      })
      return () => stop()
    },
    after: runtime.schedule,
    failed(cause) {
      parts.emit({ type: 'proxy_failed', route: route.match, cause })
      return problem({ status: 502, code: 'api_unreachable', detail: 'the API behind this path could not be reached' })
    },
    late() {
      parts.emit({ type: 'proxy_failed', route: route.match, cause: new Error('the API did not answer in time') })
      return problem({ status: 504, code: 'api_timeout', detail: 'the API behind this path did not answer in time' })
    },
    left() {},
    answered(status, kind = 'request') {
      const seconds = runtime.now() - startedAt
      parts.emit({ type: 'proxied', route: route.match, method: arrived.method, status, kind, seconds })
    },
  }
}

/** What a bound token needs with each request; a token is what its provider says it is. @spec RFC 9449 §7.1 */
async function proverOf(source: TokenSource, tokens: TokenSet | null): Promise<Prover | null> {
  return tokens?.tokenType === 'DPoP' ? source.prover() : null
}

function recordOf({ headers }: BffRequest): HeaderRecord {
  return isFetchHeaders(headers) ? Object.fromEntries(headers) : headers
}
