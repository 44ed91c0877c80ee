import { ProtocolError } from '@latchkey/protocol'
import { judge } from '../api-answer.ts'
import type { Auth, AuthConfig } from '../auth.ts'
import { type AuthEvents, createAuthEvents } from '../auth-events.ts'
import type { AuthPart } from '../auth-part.ts'
import { partOf } from '../parts.ts'
import { openEventSource } from '../platform/event-source.ts'
import type { Platform } from '../platform/platform.ts'
import { checkedRouteTable, routesOf } from '../route-table.ts'
import { type BffSession, createBffSession } from './bff-session.ts'
import type { BffPlace } from './bff-user.ts'
import { createBffWays } from './bff-ways.ts'

export interface BffModeOptions {
  /** Where the BFF's endpoints are. Default `/bff`. */
  readonly basePath?: string
  /** The header that the BFF wants of its own front end. Default `X-CSRF: 1`. */
  readonly csrf?: { readonly name: string; readonly value: string }
  /** How the BFF's events are heard; for tests. */
  readonly openEvents?: typeof openEventSource
}

/**
 * The same `Auth` over Latchkey's BFF: the browser holds a cookie and no token. `fetch` adds the CSRF header to requests of
 * this origin, the state follows the BFF, and whoever asks for a token hears that there is none here by design.
 */
export function bffMode(options: BffModeOptions = {}): AuthPart {
  const { basePath = '/bff', csrf = { name: 'X-CSRF', value: '1' }, openEvents = openEventSource } = options
  const place: BffPlace = { basePath, header: { [csrf.name]: csrf.value } }
  return { bff: (config, platform) => createBffAuth(config, platform, { place, openEvents }) }
}

interface Means {
  readonly place: BffPlace
  readonly openEvents: typeof openEventSource
}

function createBffAuth(given: Partial<AuthConfig>, platform: Platform, { place, openEvents }: Means): Auth {
  const config: AuthConfig = { issuer: '', clientId: '', ...given }
  const { interactive, page } = platform
  const events = createAuthEvents()
  const session = createBffSession({ platform, place, events, openEvents })
  const { origin } = new URL(page.href())
  const table = checkedRouteTable({ secureRoutes: ['/'], ...config }, page.href()).filter(
    (row) => row.origin === origin,
  )
  const route = routesOf(table, page.base)
  const askInWindow = partOf(config, 'askInWindow')
  const popupRedirectUri = new URL(config.popupRedirectUri ?? '/popup-callback.html', origin).href
  const auth: Auth = {
    ...withoutTokens(session),
    ...createBffWays({ platform, place, session, events, popupRedirectUri, askInWindow }),
    config: { ...config, configId: config.configId ?? 'default' },
    get state() {
      return session.state
    },
    appState: undefined,
    subscribe: session.subscribe,
    onEvent: (listener) => events.subscribe(listener),
    start: session.start,
    isSecureRoute: (url, method) => route(url, method) !== null,
    routeFor: route,
    requestToken: async ({ url, method }) =>
      route(url, method) === null ? null : { accessToken: '', headers: place.header },
    judge(answer) {
      if (answer.status === 401 && session.state.status === 'authenticated') void session.check().catch(() => undefined)
      const verdict = judge(answer)
      // Renewing is the BFF's affair.
      return verdict.next === 'challenge' ? verdict : { next: 'done' }
    },
    fetch: (input, init) => send(input, init),
    dispose: session.close,
  }
  const send = createBffFetch(auth, { config, platform, place, events })
  if (!interactive) session.close()
  return auth
}

interface Sending {
  readonly config: AuthConfig
  readonly platform: Platform
  readonly place: BffPlace
  readonly events: AuthEvents
}

/** `fetch` with the BFF's header on the table's routes; what an API asks of the person is told and, where configured, answered once. */
function createBffFetch(auth: Auth, { config, platform, place, events }: Sending): Auth['fetch'] {
  const { page, runtime } = platform
  const { stepUp = 'report' } = config
  return async (input, init = {}) => {
    const { resource: _resource, scope: _scope, authentication, ...plain } = init
    const given = input instanceof Request ? input : undefined
    const url = given?.url ?? new URL(String(input), page.base()).href
    const secure = auth.isSecureRoute(url, plain.method ?? given?.method ?? 'GET')
    if (authentication === 'skip' || !secure) return runtime.fetch(input, plain)
    for (let answered = false; ; answered = true) {
      const request = new Request(given?.clone() ?? url, plain)
      for (const [name, value] of Object.entries(place.header)) request.headers.set(name, value)
      const response = await runtime.fetch(request)
      const verdict = auth.judge({ url, status: response.status, header: (name) => response.headers.get(name) })
      if (verdict.next !== 'challenge' || answered) return response
      events.emit({ type: 'api-challenge', url, challenge: verdict.challenge })
      if (stepUp !== 'report') await auth.answerChallenge(verdict.challenge, stepUp)
      // A streamed body was sent once.
      if (stepUp !== 'popup' || plain.body instanceof ReadableStream) return response
      await response.body?.cancel()
    }
  }
}

type WithoutTokens = Pick<
  Auth,
  'getAccessToken' | 'peekAccessToken' | 'getIdToken' | 'getTokens' | 'fetchUserInfo' | 'revoke'
>

function withoutTokens(session: BffSession): WithoutTokens {
  const none = () =>
    new ProtocolError('token_not_in_browser', "mode 'bff' keeps tokens at the BFF: send requests by auth.fetch")
  return {
    getAccessToken: async () => {
      throw none()
    },
    peekAccessToken: () => null,
    getIdToken: () => null,
    getTokens: () => null,
    async fetchUserInfo() {
      await session.start()
      return session.user()?.claims ?? null
    },
    revoke: async () => {
      throw none()
    },
  }
}
