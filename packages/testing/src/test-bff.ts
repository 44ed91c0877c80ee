import { type Bff, type BffEvent, type BffOptions, createBff, type SessionStore } from '@latchkey/bff'
import { createMemorySessionStore } from '@latchkey/bff/memory-session-store'
import type { ClientMetadata, Runtime } from '@latchkey/protocol'
import type { Account, ProviderOptions } from '@latchkey/provider'
import { type Listening, listen } from './listen.ts'
import { createTestBrowser, type Opened, type TestBrowser } from './test-browser.ts'
import { client, testApi } from './test-clients.ts'
import { type TestProvider, type TestProviderOptions, testProvider } from './test-provider.ts'
import { type TestRuntime, testRuntime } from './test-runtime.ts'

/** What a request on its way out of the BFF may meet instead of the network. */
export type OnTheWay = (url: string, init: RequestInit | undefined, next: () => Promise<Response>) => Promise<Response>

export interface TestBffOptions {
  readonly bff?: Partial<BffOptions>
  /** Routes to the API beside the usual ones; it is told where the API is. */
  readonly routes?: (apiOrigin: string) => NonNullable<BffOptions['routes']>
  readonly lifetimes?: ProviderOptions['lifetimes']
  readonly people?: readonly Account[]
  /** Of the provider, besides. */
  readonly provider?: Pick<TestProviderOptions, 'acrValues' | 'resources' | 'requireDpopNonces'>
  /** What the BFF is registered with, besides. */
  readonly client?: Partial<ClientMetadata>
  /** Stands in front of the provider, for every node and the browsers. */
  readonly providerDoor?: (request: Request, next: () => Promise<Response>) => Promise<Response>
  /** The API behind `/api` and the client `apiClient`. */
  readonly api?: Handler
}

/** One BFF process. */
export interface TestBffNode {
  readonly bff: Bff
  readonly origin: string
  readonly events: readonly BffEvent[]
  /** How often this node asked the provider to renew. */
  readonly refreshes: () => number
  /** Stands in the way of everything this node sends, until set back to null. */
  onTheWay: OnTheWay | null
}

export interface TestBff extends TestBffNode {
  readonly provider: TestProvider
  readonly store: SessionStore
  /** What every node is made of, for further ones in processes of their own. */
  readonly configured: BffOptions
  readonly runtime: TestRuntime
  /** A second process with the same store, key and address. */
  another(changes?: Partial<BffOptions>): TestBffNode
  /** A new browser in which this person has signed in. */
  signIn(options?: { browser?: TestBrowser; username?: string; returnUrl?: string }): Promise<TestBrowser>
  /** Signs in up to the provider's answer: the address of the callback, not opened yet. */
  beginSignIn(browser: TestBrowser, options?: { username?: string; returnUrl?: string }): Promise<string>
  close(): Promise<void>
}

type Handler = (request: Request) => Response | Promise<Response>

const secret = 'bff-secret-bff-secret-bff-secret'

/** A BFF, a real provider and an API in one process, over real HTTP, with one clock to move. */
export async function testBff(options: TestBffOptions = {}): Promise<TestBff> {
  const runtime = testRuntime()
  const store = createMemorySessionStore()
  const servers: Listening[] = []
  const serve = async (handler: Handler): Promise<string> => {
    const server = await listen(handler)
    servers.push(server)
    return server.origin
  }
  // Addresses come first: a provider and a BFF both have to know their own.
  const handlers: Record<'provider' | 'bff', Handler> = { provider: notYet, bff: notYet }
  const issuer = await serve((request) => handlers.provider(request))
  const origin = await serve((request) => handlers.bff(request))
  const apiOrigin = await serve(options.api ?? (() => Response.json({ hello: 'from the API' })))
  const provider = await testProvider({
    issuer,
    runtime,
    ...(options.lifetimes === undefined ? {} : { lifetimes: options.lifetimes }),
    ...(options.people === undefined ? {} : { people: options.people }),
    ...options.provider,
    moreClients: [bffClient(origin, options.client)],
  })
  const { fetch: provide } = provider.provider
  const { providerDoor: door } = options
  handlers.provider = async (request) => {
    const response = await (door === undefined ? provide(request) : door(request, () => provide(request)))
    // The server of Node would give the time of the real world.
    response.headers.set('date', new Date(runtime.now() * 1000).toUTCString())
    return response
  }
  const configured: BffOptions = {
    issuer,
    clientId: 'bff',
    clientSecret: secret,
    baseUrl: origin,
    insecureHttp: true,
    resource: testApi,
    scope: 'openid profile email offline_access read:messages',
    store,
    sessionKey: runtime.randomBytes(32),
    routes: [
      { match: '/api', target: `${apiOrigin}/api`, token: 'user' },
      { match: '/open', target: `${apiOrigin}/open`, token: 'none' },
      ...(options.routes?.(apiOrigin) ?? []),
    ],
    clients: { apiClient: { baseAddress: `${apiOrigin}/api` } },
    ...options.bff,
  }
  const nodes: TestBffNode[] = []
  const another = (changes: Partial<BffOptions> = {}) => {
    const node = startNode({ ...configured, ...changes }, runtime)
    nodes.push(node)
    return node
  }
  const node = another()
  handlers.bff = (request) => node.bff.handle(request)
  const beginSignIn: TestBff['beginSignIn'] = (browser, asked) => authorize({ origin, browser, ...asked })
  return Object.assign(node, {
    provider,
    store: configured.store,
    configured,
    runtime,
    another,
    beginSignIn,
    async signIn({ browser = createTestBrowser(), ...asked }: Parameters<TestBff['signIn']>[0] = {}) {
      const callback = await beginSignIn(browser, asked)
      const isApp = (url: string) => url.startsWith(origin) && !url.startsWith(`${origin}/bff/callback`)
      const { response } = await browser.open(callback, { stopAt: isApp })
      if (response.status !== 302) throw new Error(`signing in failed: ${response.status} ${await response.text()}`)
      return browser
    },
    async close() {
      for (const { bff } of nodes) bff.close()
      await provider.close()
      for (const server of servers) await server.close()
    },
  })
}

function startNode(options: BffOptions, runtime: Runtime): TestBffNode {
  const events: BffEvent[] = []
  let refreshes = 0
  const node: TestBffNode = {
    events,
    origin: options.baseUrl,
    refreshes: () => refreshes,
    onTheWay: null,
    bff: createBff({
      ...options,
      onEvent: (event) => events.push(event),
      runtime: {
        ...runtime,
        fetch(input, init) {
          if (String(init?.body).includes('grant_type=refresh_token')) refreshes++
          const url = input instanceof Request ? input.url : String(input)
          const next = () => runtime.fetch(input, init)
          return node.onTheWay === null ? next() : node.onTheWay(url, init, next)
        },
      },
    }),
  }
  return node
}

/** Through the provider's pages, as a person goes. */
async function authorize(walk: {
  origin: string
  browser: TestBrowser
  username?: string
  returnUrl?: string
}): Promise<string> {
  const { origin, browser, username = 'alice', returnUrl = '/' } = walk
  const stopAt = (url: string) => url.startsWith(`${origin}/bff/callback`)
  const login = `${origin}/bff/login?returnUrl=${encodeURIComponent(returnUrl)}`
  let opened: Opened = await browser.open(login, { stopAt })
  if (!stopAt(opened.url)) {
    const init = {
      method: 'POST',
      body: new URLSearchParams({ username }),
      headers: { origin: new URL(opened.url).origin },
    }
    opened = await browser.open(`${opened.url}/sign-in`, { init, stopAt })
  }
  if (!stopAt(opened.url)) throw new Error(`the provider did not answer: ${opened.url} ${await opened.response.text()}`)
  return opened.url
}

function bffClient(origin: string, more: Partial<ClientMetadata> = {}) {
  return client({
    client_id: 'bff',
    client_secret: secret,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirect_uris: [`${origin}/bff/callback`],
    post_logout_redirect_uris: [`${origin}/`],
    require_consent: false,
    ...more,
  })
}

function notYet(): Response {
  return new Response('not ready', { status: 503 })
}
