import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { freePort, type ProviderProcess, startProvider, temporaryFolder } from './processes/provider.ts'
import { expect, test } from './test.ts'

const alice = { username: 'alice', password: 'correct horse battery' }
const folder = temporaryFolder()
let provider: ProviderProcess
let server: Server
let app: string
/** The query of each front-channel call that the application got. */
const called: URLSearchParams[] = []

/** The application's page: it keeps the provider's frame and asks it when told to. */
function page(issuer: string): string {
  return `<!doctype html><title>app</title><iframe id="op" src="${issuer}/check-session" hidden></iframe>
<script>
const frame = document.getElementById('op')
const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
window.ask = async (message) => {
  await loaded
  return new Promise((resolve) => {
    addEventListener('message', ({ data, origin }) => { if (origin === '${issuer}') resolve(data) }, { once: true })
    frame.contentWindow.postMessage(message, '${issuer}')
  })
}
</script>`
}

test.beforeAll(async () => {
  const port = await freePort()
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', app)
    if (url.pathname === '/frontchannel') called.push(url.searchParams)
    response.setHeader('content-type', 'text/html')
    response.end(url.pathname === '/rp' ? page(`http://127.0.0.1:${port}`) : '<!doctype html><title>app</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  app = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = {
    client_id: 'notes',
    token_endpoint_auth_method: 'none',
    redirect_uris: [`${app}/callback`],
    post_logout_redirect_uris: [`${app}/bye`],
    frontchannel_logout_uri: `${app}/frontchannel`,
    frontchannel_logout_session_required: true,
    require_consent: false,
  }
  provider = await startProvider(folder.path, { port, users: [alice], clients: [client] })
})

test.beforeEach(() => {
  called.length = 0
})

test.afterAll(async () => {
  await provider.stop()
  server.close()
  folder.remove()
})

/** Signs alice in and returns what the application hands to the frame. */
async function signIn(tab: Page): Promise<string> {
  const query = new URLSearchParams({
    client_id: 'notes',
    response_type: 'code',
    redirect_uri: `${app}/callback`,
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  await tab.goto(`${provider.issuer}/authorize?${query}`)
  await tab.getByLabel('Username').fill(alice.username)
  await tab.getByLabel('Password', { exact: true }).fill(alice.password)
  await tab.getByRole('button', { name: 'Sign in' }).click()
  await tab.waitForURL(`${app}/callback?**`)
  return new URL(tab.url()).searchParams.get('session_state') ?? ''
}

const ask = (tab: Page, message: string) => tab.evaluate(`ask(${JSON.stringify(message)})`)

test('Session Management §3.2; Front-Channel Logout §2: the frame says "changed" once another tab signed out, and the application was called', async ({
  page: tab,
  context,
}) => {
  const state = await signIn(tab)
  expect(state).not.toBe('')
  await tab.goto(`${app}/rp`)
  expect(await ask(tab, `notes ${state}`)).toBe('unchanged')
  expect(await ask(tab, `other ${state}`)).toBe('changed')
  expect(await ask(tab, 'nonsense')).toBe('error')

  const other = await context.newPage()
  await other.goto(`${provider.issuer}/end-session`)
  expect(called).toEqual([])
  await other.getByRole('button', { name: 'Sign out' }).click()
  await expect(other.getByRole('heading', { name: 'You are signed out' })).toBeVisible()
  await expect.poll(() => called.length).toBe(1)
  expect(called[0]?.get('iss')).toBe(provider.issuer)
  expect(called[0]?.get('sid')).toBeTruthy()
  // What the page allows in its frames is what was loaded: nothing was blocked.
  await expect.poll(() => other.frames().some((frame) => frame.url().startsWith(`${app}/frontchannel`))).toBe(true)

  expect(await ask(tab, `notes ${state}`)).toBe('changed')
})

test('Front-Channel Logout §2; RP-Initiated Logout §3: applications are called before the person goes back, with the state', async ({
  page: tab,
}) => {
  await signIn(tab)
  const query = new URLSearchParams({
    client_id: 'notes',
    post_logout_redirect_uri: `${app}/bye`,
    state: 'from-notes',
  })
  await tab.goto(`${provider.issuer}/end-session?${query}`)
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.waitForURL(`${app}/bye?state=from-notes`)
  expect(called).toHaveLength(1)
})

test('Front-Channel Logout §2: with JavaScript off the frames are loaded too, and the person comes back', async ({
  browser,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const tab = await context.newPage()
  await signIn(tab)
  const query = new URLSearchParams({ client_id: 'notes', post_logout_redirect_uri: `${app}/bye` })
  await tab.goto(`${provider.issuer}/end-session?${query}`)
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.waitForURL(`${app}/bye`)
  expect(called).toHaveLength(1)
  await context.close()
})
