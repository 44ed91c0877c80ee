import { type FetchInput, replay } from '@latchkey/client'
import { judge } from '../api-answer.ts'
import type { AccessTokenOptions, Auth, RequestToken, RouteMatch, TokenTarget } from '../auth.ts'
import type { ApiChallenge } from '../auth-event.ts'
import type { ApiAccess, ApiWay, AuthPart } from '../auth-part.ts'
import { given } from '../given.ts'
import type { Parts } from '../parts.ts'
import { refuseRedirects } from '../redirect-guard.ts'
import { parseRouteTable, type RouteTable, routeFor } from '../route-table.ts'

/**
 * `auth.fetch` with the route table: which requests carry a token, and what follows from an API's answer. A mistake in
 * `secureRoutes` is told at start with all others. `createAuth` of `@latchkey/browser` has it by itself.
 */
export function apiFetch(): AuthPart {
  return { name: 'fetch', api }
}

const api: ApiWay = (config, href, problems) => {
  const table = parseRouteTable(config, href, problems)
  return (parts, auth) => accessBy(table, parts, auth)
}

function accessBy(table: RouteTable, parts: Parts, auth: Auth): ApiAccess {
  const { platform, requests, connection } = parts
  const route: Auth['routeFor'] = (url, method = 'GET') => routeFor(table, { url, method }, platform.page.base())
  return {
    fetch: createApiFetch(parts, auth),
    routeFor: route,
    isSecureRoute: (url, method) => route(url, method) !== null,
    judge(answer) {
      const nonce = answer.header('dpop-nonce')
      const url = new URL(answer.url, platform.page.base()).href
      requests.hearNonce?.(url, nonce)
      connection.dpop?.hearNonce(url, nonce)
      return judge(answer)
    },
  }
}

type Send = (input: FetchInput, init: RequestInit | undefined, token: RequestToken) => Promise<Response>

/**
 * `fetch` with the token of the route table. A 401 brings one renewal and one replay, never for a streamed body; a new
 * nonce one more proof; what an API asks of the person is told and, where configured, answered.
 * @spec RFC 6750 §2.1, §3.1; RFC 9449 §7.1, §9; RFC 9470 §4
 */
function createApiFetch(parts: Parts, auth: Auth): Auth['fetch'] {
  const { platform, requests } = parts
  return async (input, init = {}) => {
    const { resource, scope, authentication, ...plain } = init
    const request = {
      url: addressOf(input, parts),
      method: plain.method ?? (input instanceof Request ? input.method : 'GET'),
    }
    const route = authentication === 'skip' ? null : auth.routeFor(request.url, request.method)
    if (route === null) return platform.runtime.fetch(input, plain)
    const signal = plain.signal ?? (input instanceof Request ? input.signal : undefined)
    const named = given({ resource, scope })
    const asked = authentication === undefined || authentication === 'skip' ? route.authentication : authentication
    const match: RouteMatch = { ...route, ...named, authentication: asked }
    const wanted = { ...targetOf(match), ...(signal ? { signal } : {}) }
    const again = replay(input, plain)
    const token = await tokenFor(auth, request, { ...wanted, authentication: match.authentication })
    if (token === null) return platform.runtime.fetch(input, plain)
    const guarded = refuseRedirects((target, sent) => platform.runtime.fetch(target, sent), plain)
    const send: Send = (target, sent, { headers, accessToken }) => {
      const outgoing = new Request(target, sent)
      if (requests.send !== undefined) return requests.send(outgoing, accessToken)
      for (const [name, value] of Object.entries(headers)) outgoing.headers.set(name, value)
      return guarded(outgoing)
    }
    return followUp(
      { parts, auth },
      { request, wanted, token, again, plain, send, first: await send(input, plain, token) },
    )
  }
}

interface Sent {
  readonly request: { readonly url: string; readonly method: string }
  readonly wanted: AccessTokenOptions
  readonly token: RequestToken
  readonly again: FetchInput | null
  readonly plain: RequestInit
  readonly send: Send
  readonly first: Response
}

/** Each kind of second attempt at most once. */
async function followUp({ parts, auth }: { parts: Parts; auth: Auth }, sent: Sent): Promise<Response> {
  const { request, wanted, again, plain, send } = sent
  const tried = new Set<string>()
  let { token, first: response } = sent
  for (;;) {
    const verdict = auth.judge({
      url: request.url,
      status: response.status,
      header: (name) => response.headers.get(name),
    })
    if (verdict.next === 'done' || tried.has(verdict.next)) return response
    tried.add(verdict.next)
    if (verdict.next === 'challenge' && !(await answered({ parts, auth }, request.url, verdict.challenge)))
      return response
    if (again === null) return response
    const rejected = verdict.next === 'renew' ? { rejected: token.accessToken } : {}
    const next = await auth.requestToken(request, { ...wanted, ...rejected }).catch(() => null)
    if (next === null || (verdict.next === 'renew' && next.accessToken === token.accessToken)) return response
    token = next
    await response.body?.cancel()
    // A Request can be read once: the copy that is sent leaves one for a further attempt.
    response = await send(again instanceof Request ? again.clone() : again, plain, token)
  }
}

/** Whether the person has signed in as the API asked, so that the request can be sent again. */
async function answered(
  { parts, auth }: { parts: Parts; auth: Auth },
  url: string,
  challenge: ApiChallenge,
): Promise<boolean> {
  const { stepUp = 'report' } = parts.settings
  parts.events.emit({ type: 'api-challenge', url, challenge })
  if (stepUp !== 'report') await auth.answerChallenge(challenge, stepUp)
  return stepUp === 'popup'
}

async function tokenFor(
  auth: Auth,
  request: Sent['request'],
  { authentication, ...wanted }: AccessTokenOptions & Pick<RouteMatch, 'authentication'>,
): Promise<RequestToken | null> {
  try {
    return await auth.requestToken(request, wanted)
  } catch (error) {
    if (authentication === 'optional' && wanted.signal?.aborted !== true) return null
    throw error
  }
}

/** Where the request really goes: relative addresses start at the document's base, which a `base` element can move. */
function addressOf(input: FetchInput, { platform }: Parts): string {
  if (input instanceof Request) return input.url
  const base = platform.page.base()
  return URL.canParse(String(input), base) ? new URL(String(input), base).href : String(input)
}

function targetOf({ resource, scope }: RouteMatch): TokenTarget {
  return given({ resource, scope })
}
