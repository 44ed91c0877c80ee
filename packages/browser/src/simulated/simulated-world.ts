import type { AuthConfig } from '../auth.ts'
import { createAuthWithFetch } from '../create-auth-with-fetch.ts'
import { silentSignIn } from '../silent-sign-in.ts'
import { createSimulatedBrowser, type SimulatedBrowser, type SimulatedTab } from './simulated-browser.ts'

export const appOrigin = 'https://app.test'
export const apiOrigin = 'https://api.example.com'

/** How this app is registered at the provider. */
export const appClient = {
  client_id: 'app',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: [`${appOrigin}/`, `${appOrigin}/silent-callback.html`],
  post_logout_redirect_uris: [`${appOrigin}/`],
  token_endpoint_auth_method: 'none',
  require_consent: false,
} as const

/** A provider in the process. */
export interface WorldProvider {
  readonly issuer: string
  readonly provider: { fetch(request: Request): Promise<Response> }
}

export interface WorldOptions<P extends WorldProvider> {
  readonly seed: number
  readonly openProvider: (now: () => number) => Promise<P>
  /** Who signs in when a sign-in page stands before them; null for nobody. Default alice. */
  readonly username?: string | null
  /** Seconds that a request takes beside the usual few milliseconds. */
  readonly latency?: (request: Request) => number
  /** Stands between the browser and everything else: faults go here. */
  readonly between?: (request: Request, send: (request: Request) => Promise<Response>) => Promise<Response>
}

/** A browser, a provider and a record of what was sent. */
export interface World<P> {
  readonly browser: SimulatedBrowser
  readonly house: P
  readonly config: AuthConfig
  /** Every token request that reached the provider, as its form. */
  readonly tokenRequests: readonly URLSearchParams[]
  readonly revocations: readonly URLSearchParams[]
  /** The `Authorization` headers that the API saw. */
  readonly apiSaw: readonly (string | null)[]
  /** How the API judges a token: by what stands at the provider. */
  apiAccepts: (authorization: string | null) => Promise<boolean>
  run<T>(promise: Promise<T>): Promise<T>
  /** A tab with the app in it, not started. */
  open(config?: Partial<AuthConfig>, path?: string): Promise<Opened>
  /** The app of the page that the tab shows now. */
  load(tab: SimulatedTab, config?: Partial<AuthConfig>): Promise<Opened>
  /** How many renewals by refresh token reached the provider. */
  refreshes(): number
  /** A tab in which someone has signed in by redirect and come back. */
  signedIn(config?: Partial<AuthConfig>): Promise<Opened>
}

export interface Opened {
  readonly tab: SimulatedTab
  readonly auth: ReturnType<typeof createAuthWithFetch>
}

/** Runs the app of this package against a real provider, several tabs at a time. */
export async function openWorld<P extends WorldProvider>(options: WorldOptions<P>): Promise<World<P>> {
  const { seed, username = 'alice', between = (request, send) => send(request) } = options
  const tokenRequests: URLSearchParams[] = []
  const revocations: URLSearchParams[] = []
  const apiSaw: (string | null)[] = []

  async function send(request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (url.origin === apiOrigin) {
      const authorization = request.headers.get('authorization')
      apiSaw.push(authorization)
      return Response.json({}, { status: (await world.apiAccepts(authorization)) ? 200 : 401 })
    }
    if (url.pathname === '/token') tokenRequests.push(await formOf(request))
    if (url.pathname === '/revoke') revocations.push(await formOf(request))
    return house.provider.fetch(request)
  }

  const browser = createSimulatedBrowser({
    seed,
    ...(options.latency === undefined ? {} : { latency: options.latency }),
    network: (request) => between(request, send),
    person: (url, html) => (username === null ? null : signInForm(url, html, username)),
  })
  const house = await options.openProvider(browser.time.now)
  const config: AuthConfig = {
    issuer: house.issuer,
    clientId: appClient.client_id,
    secureRoutes: [apiOrigin],
    parts: [silentSignIn()],
  }

  const load: World<P>['load'] = async (tab, changes = {}) => {
    const auth = createAuthWithFetch({ ...config, ...changes }, await browser.time.run(tab.page()))
    return { tab, auth }
  }
  const open: World<P>['open'] = (changes, path = '/') => load(browser.openTab(appOrigin + path), changes)
  const world: World<P> = {
    browser,
    house,
    config,
    tokenRequests,
    revocations,
    apiSaw,
    apiAccepts: async (authorization) => authorization !== null,
    run: browser.time.run,
    refreshes: () => tokenRequests.filter((form) => form.get('grant_type') === 'refresh_token').length,
    open,
    load,
    async signedIn(changes) {
      const { tab, auth } = await open(changes)
      await browser.time.run(auth.signIn())
      const opened = await load(tab, changes)
      await browser.time.run(opened.auth.start())
      return opened
    },
  }
  return world
}

async function formOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.clone().text())
}

/** The form of the provider's sign-in page, filled in. */
function signInForm(url: string, html: string, username: string): Request | null {
  const action = /<form[^>]* action="([^"]*\/sign-in)"/.exec(html)?.[1] ?? `${new URL(url).pathname}/sign-in`
  if (!new URL(url).pathname.startsWith('/interaction/')) return null
  const body = new URLSearchParams({ username })
  return new Request(new URL(action, url), { method: 'POST', body, headers: { origin: new URL(url).origin } })
}
