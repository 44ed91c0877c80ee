import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { root } from './processes/child-program.ts'
import { freePort, type ProviderProcess, startProvider, temporaryFolder } from './processes/provider.ts'
import { expect, test } from './test.ts'

const library = readFileSync(join(root, 'node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js'))
const alice = { username: 'alice', password: 'correct horse battery', claims: { name: 'Alice Doe' } }
const folder = temporaryFolder()
let provider: ProviderProcess
let server: Server
let app: string

/** A page with the library and nothing else; what it does is said by the test. */
function page(issuer: string, origin: string): string {
  const settings = {
    authority: issuer,
    client_id: 'spa',
    redirect_uri: `${origin}/callback`,
    post_logout_redirect_uri: `${origin}/`,
    scope: 'openid profile',
    automaticSilentRenew: false,
  }
  return `<!doctype html><title>app</title><script src="/oidc.js"></script>
<script>
const manager = new oidc.UserManager(${JSON.stringify(settings)})
window.ready = location.pathname === '/callback' ? manager.signinRedirectCallback() : Promise.resolve(null)
</script>`
}

test.beforeAll(async () => {
  const port = await freePort()
  server = createServer((request, response) => {
    const isLibrary = request.url === '/oidc.js'
    response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html')
    response.end(isLibrary ? library : page(`http://127.0.0.1:${port}`, app))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  app = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = {
    client_id: 'spa',
    client_name: 'Acme Notes',
    token_endpoint_auth_method: 'none',
    redirect_uris: [`${app}/callback`],
    post_logout_redirect_uris: [`${app}/`],
    grant_types: ['authorization_code', 'refresh_token'],
  }
  provider = await startProvider(folder.path, { port, users: [alice], clients: [client] })
})

test.afterAll(async () => {
  await provider.stop()
  server.close()
  folder.remove()
})

async function run<T>(on: Page, script: string): Promise<T> {
  return on.evaluate(`(async () => { await window.ready; return ${script} })()`) as Promise<T>
}

test('oidc-client-ts in Chromium: sign-in, userinfo, refresh and sign-out (OIDC Core §3.1; RP-Initiated Logout §2)', async ({
  page: tab,
}) => {
  await tab.goto(app)
  await tab.evaluate('void manager.signinRedirect()')
  await tab.getByLabel('Username').fill(alice.username)
  await tab.getByLabel('Password', { exact: true }).fill(alice.password)
  await tab.getByRole('button', { name: 'Sign in' }).click()
  await tab.getByRole('button', { name: 'Allow' }).click()
  await tab.waitForURL(`${app}/callback?**`)
  expect(await run(tab, '(await manager.getUser()).profile.name')).toBe('Alice Doe')
  const first = await run<string>(tab, '(await manager.getUser()).access_token')
  const second = await run<string>(tab, '(await manager.signinSilent()).access_token')
  expect(second).not.toBe(first)
  const userinfo = await run(
    tab,
    `(await fetch('${provider.issuer}/userinfo', { headers: { authorization: 'Bearer ${second}' } })).status`,
  )
  expect(userinfo).toBe(200)
  await tab.evaluate('void manager.signoutRedirect()')
  await tab.waitForURL(`${app}/`)
  expect(await run(tab, 'await manager.getUser()')).toBeNull()
  const status = await run(
    tab,
    `(await fetch('${provider.issuer}/userinfo', { headers: { authorization: 'Bearer ${second}' } })).status`,
  )
  expect(status).toBe(401)
})

test('a web message reaches the page that opened the window, and no page of another origin (OAuth Web Message Response Mode §4)', async ({
  page: tab,
}) => {
  await tab.goto(app)
  const query = new URLSearchParams({
    client_id: 'spa',
    response_type: 'code',
    response_mode: 'web_message',
    redirect_uri: `${app}/callback`,
    scope: 'openid',
    state: 'from-the-popup',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    prompt: 'none',
  })
  const url = `${provider.issuer}/authorize?${query}`
  /** What the page has heard once the window that it opened has closed itself. */
  const heard = async () => {
    const popup = tab.waitForEvent('popup')
    await tab.evaluate(`window.heard = []
      addEventListener('message', ({ origin, data }) => heard.push({ origin, data }))
      void open(${JSON.stringify(url)})`)
    const opened = await popup
    if (!opened.isClosed()) await opened.waitForEvent('close')
    return tab.evaluate('heard')
  }
  expect(await heard()).toEqual([
    {
      origin: provider.issuer,
      data: {
        type: 'authorization_response',
        response: expect.objectContaining({ error: 'login_required', state: 'from-the-popup' }),
      },
    },
  ])
  await tab.goto(app.replace('127.0.0.1', 'localhost'))
  expect(await heard()).toEqual([])
})
