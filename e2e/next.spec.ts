import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { builtFrom } from './processes/builds.ts'
import { type ChildProgram, startProgram } from './processes/child-program.ts'
import { freePort, type ProviderProcess, startProvider, temporaryFolder } from './processes/provider.ts'
import { signOutAndReturn } from './processes/tour.ts'
import { expect, test } from './test.ts'

const audience = 'https://api.example.com'
const folder = temporaryFolder()
const password = 'correct horse battery staple'
const secret = 'demo-next-secret-demo-next-secret'
const seen: string[] = []
let provider: ProviderProcess
let next: ChildProgram
let api: Server
let origin: string
let page: Page

test.describe.configure({ mode: 'serial' })

test.beforeAll(async ({ browser }) => {
  test.setTimeout(300_000)
  await builtFrom('demo-next', sources, build)
  origin = `http://127.0.0.1:${await freePort()}`
  api = await startApi()
  provider = await startProvider(folder.path, {
    port: await freePort(),
    clients: [client()],
    users: [{ username: 'alice', password, claims: { name: 'Alice Doe' } }],
    resources: [{ identifier: audience, name: 'Example API', scopes: ['read:messages'] }],
  })
  next = startProgram('apps/demo-next/src/main.ts', {
    env: {
      PORT: new URL(origin).port,
      ISSUER: provider.issuer,
      CLIENT_ID: 'demo-next',
      CLIENT_SECRET: secret,
      AUDIENCE: audience,
      API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
      SESSION_DB: `${folder.path}/sessions.db`,
      SESSION_KEY: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url'),
    },
  })
  await next.line(/ready http/)
  page = await (await browser.newContext()).newPage()
})

test.afterAll(async () => {
  await page?.context().close()
  await next?.stop('SIGTERM')
  await provider?.stop('SIGTERM')
  api?.closeAllConnections()
  await new Promise((resolve) => (api === undefined ? resolve(null) : api.close(resolve)))
  folder.remove()
})

const sources = [
  ...['app', 'src', 'next.config.mjs', 'package.json'].map((path) => `apps/demo-next/${path}`),
  ...['bff', 'client', 'protocol', 'provider/src/pages', 'store-sql'].map((path) => `packages/${path}`),
  'package-lock.json',
]

async function build(): Promise<void> {
  const building = startProgram('apps/demo-next/src/build.ts')
  expect(await building.exited, building.output.stderr).toBe(0)
}

function client(): object {
  return {
    client_id: 'demo-next',
    client_secret: secret,
    client_name: 'Next demo',
    redirect_uris: [`${origin}/bff/callback`],
    post_logout_redirect_uris: [`${origin}/`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }
}

/** An API that says with which kind of token it was called. */
async function startApi(): Promise<Server> {
  const server = createServer((request, response) => {
    const [scheme = 'nothing', token = ''] = request.headers.authorization?.split(' ') ?? []
    seen.push(token)
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ scheme, path: request.url }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

test('a page made on the server calls the API for the person who signed in, and the browser never has a token', async () => {
  const bodies: string[] = []
  page.on('response', async (response) => {
    if (response.url().startsWith(origin)) bodies.push(await response.text().catch(() => ''))
  })
  await page.goto(origin)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The tokens stay on the server')
  await page.getByTestId('login').click()
  await page.waitForURL(`${provider.issuer}/**`)
  await page
    .getByLabel(/username|email/i)
    .first()
    .fill('alice')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: /sign in/i }).click()
  const allow = page.getByRole('button', { name: /allow/i })
  await expect(allow.or(page.getByTestId('user-name')).first()).toBeVisible()
  if (await allow.isVisible()) await allow.click()
  await expect(page.getByTestId('user-name')).toHaveText('Alice Doe')
  await expect(page.getByTestId('server-result')).toContainText('200')
  await expect(page.getByTestId('server-result')).toContainText('"scheme": "Bearer"')
  for (const id of ['ping', 'ping-local']) {
    // The button is there before its script is: a person would press it again.
    await expect(async () => {
      await page.getByTestId(id).click()
      await expect(page.getByTestId(`${id}-status`)).toHaveText('200', { timeout: 3000 })
    }).toPass()
    await expect(page.getByTestId(`${id}-result`)).toContainText('Bearer')
  }
  expect(new Set(seen.filter((token) => token !== '')).size).toBe(1)
  for (const body of bodies) expect(body).not.toContain(seen[0]?.slice(0, 40))
  const [cookie] = (await page.context().cookies(origin)).filter(({ name }) => name.startsWith('latchkey-'))
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
})

test('handlers answer 403 to foreign calls and 401 to nobody, as problems, never with a redirect', async ({
  request,
}) => {
  for (const [path, headers, status] of [
    ['/local/messages', {}, 403],
    ['/api/external', {}, 403],
    ['/local/messages', { 'x-csrf': '1' }, 401],
    ['/api/external', { 'x-csrf': '1' }, 401],
    ['/bff/other', { 'x-csrf': '1' }, 404],
  ] as const) {
    const answer = await request.get(origin + path, { headers, maxRedirects: 0 })
    expect([path, answer.status()]).toEqual([path, status])
    expect(answer.headers()['content-type']).toContain('application/problem+json')
  }
})

test('signing out ends the session here and at the provider', async () => {
  await signOutAndReturn(page)
  await expect(page.getByTestId('login')).toBeVisible()
  expect((await page.context().cookies(origin)).filter(({ name }) => /^latchkey-\d+$/.test(name))).toEqual([])
})
