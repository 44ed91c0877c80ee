import { requestUserInfo } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import { judge } from '../api-answer.ts'
import type { Auth, RequestToken, SignInOptions } from '../auth.ts'
import type { ApiChallenge } from '../auth-event.ts'
import type { ApiAccess, PartWith, TokenSource } from '../auth-part.ts'
import type { Parts } from '../parts.ts'
import { parseRouteTable, routesOf } from '../route-table.ts'
import { scopes } from '../scopes.ts'
import type { Settings } from '../settings.ts'

/**
 * Everything that sends requests with access tokens: `fetch` with the route table, `requestToken` and `judge` for other
 * carriers, userinfo, and the answer to what an API asks of the person. `createAuth` of `@latchkey/browser` has it by itself.
 */
export function apiFetch(): PartWith<keyof ApiAccess> {
  return {
    checkRoutes: (config, href, problems) => void parseRouteTable(config, href, problems),
    methods: openApi,
  }
}

function openApi(parts: Parts, auth: Auth, tokenSet: TokenSource): ApiAccess {
  const { settings, holder, requests, connection, page } = parts
  const table = parseRouteTable(settings, page.href(), [])
  return {
    fetch: createFetch(parts, auth),
    /** A proof of a bound token is fresh for every request. @spec RFC 6750 §2.1; RFC 9449 §7.1 */
    async requestToken({ url, method }, options) {
      const set = await tokenSet(options)
      if (!set) return null
      const { accessToken, tokenType } = set
      // Where a worker sends, it sets the headers.
      if (requests.send) return { accessToken, headers: {} }
      const request = { url: absolute(parts, url), method, accessToken, now: connection.now() }
      const dpop = tokenType === 'DPoP' && (await requests.proof?.(request))
      return { accessToken, headers: { authorization: `${tokenType} ${accessToken}`, ...(dpop && { dpop }) } }
    },
    routeFor: routesOf(table, page.base),
    isSecureRoute: (url, method) => !!auth.routeFor(url, method),
    judge(answer) {
      requests.hearNonce?.(absolute(parts, answer.url), answer.header('dpop-nonce'))
      return judge(answer)
    },
    async fetchUserInfo(options) {
      await tokenSet(options)
      const sub = holder.current()?.tokens.claims?.sub
      if (!sub) return null
      return requestUserInfo(connection, sub, async (url) => {
        const request = new Request(url, { ...options, redirect: 'manual' })
        const token = await auth.requestToken(request, options)
        // Where the session ended meanwhile the answer tells.
        return carry(parts, request, token ?? { accessToken: '', headers: {} })
      })
    },
    async answerChallenge(challenge, how) {
      const options = signInFor(challenge, settings)
      await (how === 'popup' ? auth.signInWithPopup(options) : auth.signIn(options))
    },
  }
}

/** Relative addresses start at the document's base, which a `base` element can move. */
function absolute({ page }: Parts, url: string): string {
  return new URL(url, page.base()).href
}

/**
 * `fetch` with the token of the route table. A 401 brings one renewal and one replay, never for a streamed body; a new
 * nonce one more proof; what an API asks of the person is told and, where configured, answered; each at most once.
 * @spec RFC 6750 §2.1, §3.1; RFC 9449 §7.1, §9; RFC 9470 §4
 */
function createFetch(parts: Parts, auth: Auth): Auth['fetch'] {
  const { runtime, settings, emit } = parts
  const { stepUp = 'report' } = settings
  return async (input, { resource, scope, authentication, ...init } = {}) => {
    const given = input instanceof Request ? input : undefined
    const url = given?.url ?? absolute(parts, String(input))
    const method = init.method ?? given?.method ?? 'GET'
    const signal = init.signal ?? given?.signal
    const redirect = init.redirect ?? (given?.redirect === 'follow' ? undefined : given?.redirect)
    const route = authentication === 'skip' ? null : auth.routeFor(url, method)
    const ask = (rejected?: string) => {
      const target = { resource: resource ?? route?.resource, scope: scope ?? route?.scope }
      return auth.requestToken({ url, method }, { ...target, signal, rejected })
    }
    const optional = (authentication ?? route?.authentication) === 'optional'
    const orNone = (error: unknown) => {
      if (!optional || signal?.aborted) throw error
      return null
    }
    let token: RequestToken | null = route && (await ask().catch(orNone))
    if (!token) return runtime.fetch(input, init)
    const tried: string[] = []
    for (;;) {
      const request = new Request(given?.clone() ?? url, { ...init, redirect: redirect ?? 'manual' })
      const response = await carry(parts, request, token)
      if (!redirect) refuseRedirect(request, response)
      const verdict = auth.judge({ url, status: response.status, header: (name) => response.headers.get(name) })
      const { next } = verdict
      if (next === 'done' || tried.includes(next)) return response
      tried.push(next)
      if (next === 'challenge') {
        emit({ type: 'api-challenge', url, challenge: verdict.challenge })
        if (stepUp !== 'report') await auth.answerChallenge(verdict.challenge, stepUp)
        if (stepUp !== 'popup') return response
      }
      if (init.body instanceof ReadableStream) return response
      const rejected: string | undefined = next === 'renew' ? token.accessToken : undefined
      const fresh: RequestToken | null = await ask(rejected).catch(() => null)
      if (!fresh || fresh.accessToken === rejected) return response
      token = fresh
      await response.body?.cancel()
    }
  }
}

async function carry({ runtime, requests }: Parts, request: Request, token: RequestToken): Promise<Response> {
  for (const [name, value] of Object.entries(token.headers)) request.headers.set(name, value)
  return requests.send?.(request, token.accessToken) ?? runtime.fetch(request)
}

/**
 * A token never travels along a redirect. Browsers before 2023 carried `Authorization` on to another origin, and a page
 * cannot see a redirect's target before following it; so a request with a token does not follow one unless the
 * caller says `redirect: 'follow'`. A query may carry what no message should.
 * @spec RFC 9700 §4.11; Fetch §4.4
 */
function refuseRedirect({ method, url }: Request, { type, status }: Response): void {
  if (type !== 'opaqueredirect' && !/^30[12378]$/.test(`${status}`)) return
  const { origin, pathname } = new URL(url)
  throw new ProtocolError(
    'response_invalid',
    `${method} ${origin}${pathname} was redirected, and no token follows: call the target, or pass redirect: 'follow'`,
  )
}

/** What answers an API's challenge. @spec RFC 9470 §4; RFC 6750 §3.1 */
function signInFor(challenge: ApiChallenge, { scope }: Settings): SignInOptions & { prompt?: 'consent' } {
  if (challenge.kind === 'step-up') return challenge
  return { scope: scopes(scope, challenge.scope).join(' '), prompt: 'consent' }
}
