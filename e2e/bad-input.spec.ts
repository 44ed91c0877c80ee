import { freePort, type ProviderProcess, startProvider, temporaryFolder } from './processes/provider.ts'
import { expect, test } from './test.ts'

const folder = temporaryFolder()
let provider: ProviderProcess

test.beforeAll(async () => {
  const web = {
    client_id: 'web',
    client_secret: 'a secret of the web client',
    client_name: 'Web',
    redirect_uris: ['https://app.example.com/cb'],
    grant_types: ['authorization_code', 'client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  }
  provider = await startProvider(folder.path, { port: await freePort(), clients: [web] })
})

test.afterAll(async () => {
  expect(await provider.stop()).toBe(0)
  folder.remove()
})

/** Nothing that was sent may have hurt the process. */
test.afterEach(async () => {
  const response = await fetch(`${provider.issuer}/.well-known/openid-configuration`)
  expect(response.status).toBe(200)
})

for (const { what, query, says } of [
  {
    what: 'an unknown client',
    query: 'client_id=nobody&response_type=code',
    says: /not registered|unknown|does not know/i,
  },
  {
    what: 'a foreign redirect URI',
    query: 'client_id=web&response_type=code&redirect_uri=https%3A%2F%2Fevil.test%2Fcb',
    says: /redirect/i,
  },
  { what: 'a missing client_id', query: 'response_type=code', says: /client_id/ },
  { what: 'a duplicated parameter', query: 'client_id=web&client_id=web&response_type=code', says: /more than once/ },
]) {
  test(`${what} ends on a page that says so, never in a redirect`, async ({ page }) => {
    const response = await page.goto(`${provider.issuer}/authorize?${query}`)
    expect(response?.status()).toBe(400)
    expect(new URL(page.url()).origin).toBe(provider.issuer)
    await expect(page.locator('main')).toContainText(says)
    await expect(page.locator('body')).not.toContainText(/ at .*\.ts:|node:internal/)
  })
}

test('a missing response_type goes back to the client with state and iss', async () => {
  const query = 'client_id=web&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=s1'
  const response = await fetch(`${provider.issuer}/authorize?${query}`, { redirect: 'manual' })
  const location = new URL(response.headers.get('location') ?? '')
  expect(location.origin).toBe('https://app.example.com')
  expect(Object.fromEntries(location.searchParams)).toMatchObject({
    error: 'invalid_request',
    state: 's1',
    iss: provider.issuer,
  })
})

for (const { what, body, status, error } of [
  {
    what: 'a missing parameter',
    body: 'client_id=web&client_secret=a+secret+of+the+web+client',
    status: 400,
    error: 'invalid_request',
  },
  { what: 'a duplicated parameter', body: 'grant_type=x&grant_type=y', status: 400, error: 'invalid_request' },
  {
    what: 'an unknown client',
    body: 'grant_type=client_credentials&client_id=nobody&client_secret=x',
    status: 401,
    error: 'invalid_client',
  },
  {
    what: 'a body of one megabyte',
    body: `grant_type=${'x'.repeat(1_000_000)}`,
    status: 413,
    error: 'payload_too_large',
  },
]) {
  test(`${what} at the token endpoint is answered in JSON`, async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const response = await fetch(`${provider.issuer}/token`, { method: 'POST', headers, body })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toMatchObject({ error, error_description: expect.any(String) })
  })
}
