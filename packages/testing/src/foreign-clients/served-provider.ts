import type { ClientMetadata } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { type Listening, listen } from '../listen.ts'
import { createTestBrowser, type TestBrowser } from '../test-browser.ts'
import { client } from '../test-clients.ts'
import { type TestProvider, type TestProviderOptions, testProvider } from '../test-provider.ts'
import { testRuntime } from '../test-runtime.ts'

export interface ServedProvider extends TestProvider {
  /** Signs alice in wherever `url` leads, and stops at the first address that begins with `until`, not opened yet. */
  walk(browser: TestBrowser, url: string, until: string): Promise<URL>
  /** A server of the application's, closed with the provider. */
  serve(handler: Parameters<typeof listen>[0]): Promise<Listening>
}

export const secret = 'a-secret-of-thirty-two-characters'

/** A provider behind a real port at the real time, for clients that are not ours. */
export async function servedProvider(
  clientsOf: (issuer: string) => readonly ClientMetadata[],
  options: TestProviderOptions = {},
): Promise<ServedProvider> {
  const servers: Listening[] = []
  const serve: ServedProvider['serve'] = async (handler) => {
    const server = await listen(handler)
    servers.push(server)
    return server
  }
  let answer: (request: Request) => Promise<Response> = async () => new Response(null, { status: 503 })
  const { origin: issuer } = await serve((request) => answer(request))
  const runtime = testRuntime({ now: Math.floor(systemRuntime.now()) })
  const kit = await testProvider({ ...options, issuer, runtime, clients: clientsOf(issuer) })
  answer = kit.provider.fetch
  return {
    ...kit,
    serve,
    async walk(browser, url, until) {
      const stopAt = (address: string) => address.startsWith(until)
      let opened = await browser.open(url, { stopAt })
      if (!stopAt(opened.url)) {
        const init = { method: 'POST', body: new URLSearchParams({ username: 'alice' }) }
        opened = await browser.open(`${opened.url}/sign-in`, { init, stopAt })
      }
      if (!stopAt(opened.url)) throw new Error(`no answer at ${opened.url}: ${await opened.response.text()}`)
      return new URL(opened.url)
    },
    async close() {
      await kit.close()
      for (const server of servers) await server.close()
    },
  }
}

/** A web application's client with a secret, redirected to `/callback` of its origin. */
export function webClient(origin: string, changes: Partial<ClientMetadata> = {}): ClientMetadata {
  return client({
    client_id: 'foreign',
    client_secret: secret,
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/`],
    grant_types: ['authorization_code', 'refresh_token'],
    require_consent: false,
    ...changes,
  })
}

export { createTestBrowser }
