import { ConfigError, ProtocolError } from '@latchkey/protocol'
import { judge } from '../api-answer.ts'
import type { Auth, AuthConfig, SignInOptions, SignOutOptions } from '../auth.ts'
import { type AuthEvents, createAuthEvents } from '../auth-events.ts'
import type { AuthPart } from '../auth-part.ts'
import { localAddress, withoutResponse } from '../local-address.ts'
import { openEventSource } from '../platform/event-source.ts'
import type { Platform } from '../platform/platform.ts'
import { checkedRouteTable, routeFor } from '../route-table.ts'
import { type BffSession, createBffSession } from './bff-session.ts'
import type { BffPlace } from './bff-user.ts'

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
  return { name: 'BFF', bff: (config, platform) => createBffAuth(config, platform, { place, openEvents }) }
}

interface Means {
  readonly place: BffPlace
  readonly openEvents: typeof openEventSource
}

function createBffAuth(config: AuthConfig, platform: Platform, { place, openEvents }: Means): Auth {
  const { interactive, page, runtime } = platform
  const events = createAuthEvents()
  const session = createBffSession({ platform, place, events, openEvents })
  const { origin } = new URL(page.href())
  const table = checkedRouteTable({ secureRoutes: ['/'], ...config }, page.href()).filter(
    (row) => row.origin === origin,
  )
  const route: Auth['routeFor'] = (url, method = 'GET') => routeFor(table, { url, method }, page.base())
  const auth: Auth = {
    ...withoutTokens(session),
    ...ways({ platform, place, session, events }),
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
    async fetch(input, init = {}) {
      const { resource: _resource, scope: _scope, authentication, ...plain } = init
      const url = input instanceof Request ? input.url : new URL(String(input), page.base()).href
      const method = plain.method ?? (input instanceof Request ? input.method : 'GET')
      if (authentication === 'skip' || route(url, method) === null) return runtime.fetch(input, plain)
      const request = new Request(input instanceof Request ? input : url, plain)
      for (const [name, value] of Object.entries(place.header)) request.headers.set(name, value)
      const response = await runtime.fetch(request)
      const verdict = auth.judge({ url, status: response.status, header: (name) => response.headers.get(name) })
      if (verdict.next === 'challenge') events.emit({ type: 'api-challenge', url, challenge: verdict.challenge })
      return response
    },
    dispose: session.close,
  }
  if (!interactive) session.close()
  return auth
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

interface Travelling {
  readonly platform: Platform
  readonly place: BffPlace
  readonly session: BffSession
  readonly events: AuthEvents
}

type Ways = Pick<
  Auth,
  | 'signIn'
  | 'signInWithPopup'
  | 'signInSilently'
  | 'answerChallenge'
  | 'getAuthorizeUrl'
  | 'getEndSessionUrl'
  | 'signOut'
>

function ways({ platform, place, session, events }: Travelling): Ways {
  const { page, interactive, runtime } = platform
  const logoutUrl = () => new URL(session.user()?.logoutUrl ?? `${place.basePath}/logout`, page.href()).href
  const all: Ways = {
    async signIn(options) {
      if (!interactive) return
      const url = loginUrl(page.href(), place, options)
      events.emit({ type: 'leaving', to: 'sign-in' })
      page.assign(url)
    },
    async signInWithPopup() {
      throw new ConfigError(["signInWithPopup: mode 'bff' signs in by redirect: call signIn"])
    },
    signInSilently: async () => (await session.check()).status === 'authenticated',
    answerChallenge: (challenge) =>
      all.signIn(
        challenge.kind === 'scope'
          ? { prompt: 'consent' }
          : {
              ...(challenge.acrValues === undefined ? {} : { acrValues: challenge.acrValues }),
              ...(challenge.maxAgeSeconds === undefined ? {} : { maxAgeSeconds: challenge.maxAgeSeconds }),
            },
      ),
    getAuthorizeUrl: async (options) => loginUrl(page.href(), place, options),
    getEndSessionUrl: async () => (session.user() === null ? null : logoutUrl()),
    async signOut(options: SignOutOptions = {}) {
      if (!interactive) return
      const where = options.where ?? (options.local === true ? 'browser' : 'everywhere')
      const url = logoutUrl()
      const signedIn = session.state.status === 'authenticated'
      session.end('signed-out', where === 'tab' ? 'tab' : 'everywhere')
      if (!signedIn || where === 'tab') return
      if (where === 'browser') {
        // The BFF's session ends; its redirect to the provider is not followed.
        await runtime.fetch(url, { method: 'POST', redirect: 'manual', headers: place.header }).catch(() => null)
        return
      }
      events.emit({ type: 'leaving', to: 'sign-out' })
      if (options.method === 'POST') page.submit(url, {})
      else page.assign(url)
    },
  }
  return all
}

function loginUrl(here: string, { basePath }: BffPlace, options: SignInOptions = {}): string {
  const returnTo = localAddress(options.returnTo ?? withoutResponse(here), here)
  if (returnTo === null) throw new ConfigError(['returnTo: leads to another origin; name a path of this app'])
  const { prompt, loginHint, acrValues, maxAgeSeconds, uiLocales, extraParameters } = options
  const url = new URL(`${basePath}/${prompt === 'none' ? 'silent-login' : 'login'}`, here)
  const parameters = {
    ...extraParameters,
    returnUrl: returnTo,
    prompt: prompt === 'none' ? undefined : prompt,
    login_hint: loginHint,
    acr_values: acrValues?.join(' '),
    max_age: maxAgeSeconds?.toString(),
    ui_locales: uiLocales?.join(' '),
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}
