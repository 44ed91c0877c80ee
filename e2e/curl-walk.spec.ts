import type { Page } from '@playwright/test'
import { freePort, type ProviderProcess, startProvider, temporaryFolder } from './processes/provider.ts'
import { expect, test } from './test.ts'

const redirectUri = 'http://example.org/'
const alice = {
  username: 'alice',
  password: 'correct horse battery',
  claims: { name: 'Alice Doe', email: 'alice@example.com', email_verified: true },
}
const root = { username: 'root', password: 'a password for the root', admin: true }

const folder = temporaryFolder()
let provider: ProviderProcess
let config: { port: number; [key: string]: unknown }

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  config = { port: await freePort(), users: [alice, root], clients: [] }
  provider = await startProvider(folder.path, config)
})

test.afterAll(async () => {
  await provider.stop()
  folder.remove()
})

async function signIn(page: Page, who: { username: string; password: string }) {
  await page
    .getByLabel(/username|email/i)
    .first()
    .fill(who.username)
  await page
    .getByLabel(/^password/i)
    .first()
    .fill(who.password)
  await page.getByRole('button', { name: /^sign in|^continue/i }).click()
}

/** What the browser is sent to `http://example.org/` with. */
async function authorize(page: Page, clientId: string, state: string): Promise<URLSearchParams> {
  const answer = page.waitForRequest((request) => request.url().startsWith(redirectUri))
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid email profile',
    state,
  })
  await page.goto(`${provider.issuer}/authorize?${query}`)
  if (page.url().startsWith(provider.issuer) && (await page.getByLabel(/^password/i).count()) > 0)
    await signIn(page, alice)
  if (page.url().startsWith(provider.issuer)) await page.getByRole('button', { name: /^allow/i }).click()
  return new URL((await answer).url()).searchParams
}

async function post(path: string, form: Record<string, string>) {
  const response = await fetch(`${provider.issuer}${path}`, { method: 'POST', body: new URLSearchParams(form) })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}

function userinfo(token: string, path = '/userinfo/') {
  return fetch(`${provider.issuer}${path}`, { headers: { authorization: `Bearer ${token}` } })
}

const client = { id: '', secret: '' }
let tokens: { access_token: string; refresh_token: string }

function refresh(path = '/token') {
  const { id: client_id, secret: client_secret } = client
  return post(path, { client_id, client_secret, grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
}

test('an administrator makes a confidential client in the admin site', async ({ page }) => {
  await page.goto(`${provider.issuer}/admin`)
  await signIn(page, root)
  await page
    .getByRole('link', { name: /new client|add (a )?client|create/i })
    .first()
    .click()
  await page.getByLabel(/name/i).first().fill('Walker')
  await page
    .getByLabel(/redirect uris/i)
    .first()
    .fill(redirectUri)
  await page
    .getByRole('button')
    .filter({ hasText: /create|continue|review|save/i })
    .first()
    .click()
  await page
    .getByRole('button')
    .filter({ hasText: /create|confirm|yes/i })
    .first()
    .click()
  client.id = (await page.locator('code[aria-labelledby=id-label]').textContent())?.trim() ?? ''
  client.secret = (await page.locator('#client-secret').textContent())?.trim() ?? ''
  expect(client.secret.length).toBeGreaterThanOrEqual(32)
})

test('GET /authorize, consent, and the code comes back with the same state', async ({ page }) => {
  const answer = await authorize(page, client.id, '123123')
  expect(answer.get('state')).toBe('123123')
  expect(answer.get('iss')).toBe(provider.issuer)
  const { status, body } = await post('/token/', {
    client_id: client.id,
    client_secret: client.secret,
    code: answer.get('code') ?? '',
    redirect_uri: redirectUri,
    grant_type: 'authorization_code',
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    access_token: expect.any(String),
    refresh_token: expect.any(String),
    id_token: expect.any(String),
    expires_in: 3600,
  })
  expect(String(body.token_type).toLowerCase()).toBe('bearer')
  tokens = body as typeof tokens
})

test('GET /userinfo/ answers with the token, and its query only where the configuration says so', async () => {
  const response = await userinfo(tokens.access_token)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ name: 'Alice Doe', email: 'alice@example.com', email_verified: true })
  const query = await fetch(`${provider.issuer}/userinfo/?access_token=${tokens.access_token}`)
  expect(query.status).toBe(401)
})

test('grant_type=refresh_token brings a new pair', async () => {
  const { status, body } = await refresh('/token/')
  expect(status).toBe(200)
  expect(body.refresh_token).not.toBe(tokens.refresh_token)
  expect(body.access_token).not.toBe(tokens.access_token)
  tokens = body as typeof tokens
})

test('a restart between login and refresh keeps the session: the data are on disk', async () => {
  await provider.stop()
  provider = await startProvider(folder.path, config)
  const { status, body } = await refresh()
  expect(status).toBe(200)
  tokens = body as typeof tokens
})

test('killed right after the answer, the provider still knows the token', async () => {
  const { body } = await refresh()
  await provider.stop('SIGKILL')
  tokens = body as typeof tokens
  provider = await startProvider(folder.path, config)
  expect((await userinfo(tokens.access_token)).status).toBe(200)
})

test('with query_access_tokens the query works too', async () => {
  await provider.stop()
  provider = await startProvider(folder.path, { ...config, query_access_tokens: true })
  expect((await fetch(`${provider.issuer}/userinfo/?access_token=${tokens.access_token}`)).status).toBe(200)
})

test('OIDC_TOKEN_EXPIRE shortens tokens, and an expired one gets 401 with a Bearer challenge', async () => {
  await provider.stop()
  provider = await startProvider(folder.path, config, { OIDC_TOKEN_EXPIRE: '1' })
  const { body } = await refresh()
  expect(body.expires_in).toBe(1)
  await expect.poll(async () => (await userinfo(String(body.access_token))).status).toBe(401)
  const response = await userinfo(String(body.access_token))
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/)
})
