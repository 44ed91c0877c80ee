import { basic, client, newPerson, testProvider, testSecrets } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const { web: secret = '' } = testSecrets
const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }

describe('the token endpoint', () => {
  test('RFC 6749 §3.2: GET is refused, and a parameter that is unknown is ignored', async () => {
    const { code, post, request } = await testProvider()
    const asked = await code()
    const query = new URLSearchParams(Object.entries(asked.form).map(([name, value]) => [name, String(value)]))
    const got = await request(`/token?${query}`, { headers: { authorization: basic('web', secret) } })
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    expect((await post('/token', 'web', { ...asked.form, shoe_size: '44' })).status).toBe(200)
  })

  test('RFC 6749 §2.3.1, §3.2.1: credentials in the address prove nobody', async () => {
    const { request } = await testProvider()
    const query = new URLSearchParams({ client_id: 'web', client_secret: secret })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await request(`/token?${query}`, { method: 'POST', headers, body: 'grant_type=client_credentials' })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ error: 'invalid_client' })
  })

  test('RFC 6749 §4.5, §5.2; RFC 9700 §2.4: what cannot be had is said with its own error', async () => {
    const { post } = await testProvider()
    const errorOf = async (asked: Record<string, string>) => (await (await post('/token', 'web', asked)).json()).error
    expect(await errorOf({ grant_type: 'password', username: 'alice', password: 'x' })).toBe('unsupported_grant_type')
    expect(await errorOf({ grant_type: 'urn:example:grant' })).toBe('unsupported_grant_type')
    expect(await errorOf({ grant_type: 'client_credentials' })).toBe('unauthorized_client')
    expect(await errorOf({})).toBe('invalid_request')
  })

  test('RFC 6749 §10.10; FAPI 2.0 §5.4.2: what must not be guessed has 256 random bits', async () => {
    const kit = await testProvider({ registration: { mode: 'open' } })
    const redirect_uri = 'https://app.example.com/cb'
    const asked = { client_id: 'web', response_type: 'code', redirect_uri, scope: 'openid', ...challenge }
    const seen = new Set<string>()
    for (let round = 0; round < 2; round++) {
      const person = newPerson(kit.provider)
      const page = await person.open(`/authorize?${new URLSearchParams(asked)}`)
      const then = await person.post(`${page.path}/sign-in`, { username: 'alice' })
      const { leftTo } = round === 0 ? await person.submit(then, { decision: 'allow' }) : then
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ redirect_uris: [redirect_uri] })
      const registered = await (await kit.request('/register', { method: 'POST', headers, body })).json()
      const pushed = await (await kit.post('/par', 'web', asked)).json()
      const tokens = await kit.signIn()
      const pushedId = String(pushed.request_uri).split(':').at(-1)
      const code = leftTo?.searchParams.get('code')
      for (const value of [code, tokens.access_token, tokens.refresh_token, registered.client_secret, pushedId]) {
        expect(value).toMatch(/^[\w-]{43,}$/)
        seen.add(String(value))
      }
    }
    expect(seen.size).toBe(10)
  })

  test('RFC 8628 §3.1, §3.4: a client with a secret proves itself at both endpoints of the device flow', async () => {
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
    const kiosk = client({ client_id: 'kiosk', client_secret: 'k'.repeat(32), grant_types: [grant_type] })
    const { post, request } = await testProvider({ moreClients: [kiosk] })
    const begun = await (await post('/device_authorization', 'kiosk', { scope: 'openid' })).json()
    const { device_code } = begun
    const alone = { client_id: 'kiosk', scope: 'openid', grant_type, device_code }
    for (const path of ['/device_authorization', '/token']) {
      const answer = await request(path, { method: 'POST', body: new URLSearchParams(alone) })
      expect([answer.status, (await answer.json()).error]).toEqual([401, 'invalid_client'])
    }
    const polled = await post('/token', 'kiosk', { grant_type, device_code })
    expect((await polled.json()).error).toBe('authorization_pending')
  })
})

describe('the authorization endpoint', () => {
  test('RFC 9700 §2.6; FAPI 2.0 §5.2.3: no origin may read it', async () => {
    const { request } = await testProvider()
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' }
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await request('/authorize?client_id=web', { method, headers })
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-allow'))).toEqual([])
    }
  })

  test('RFC 9700 §4.12; FAPI 2.0 §5.3.2.2: what follows a form is 303, which no browser sends the form to', async () => {
    const { provider } = await testProvider()
    const answers: [string, number][] = []
    const fetch = async (asked: Request) => {
      const answer = await provider.fetch(asked)
      if (answer.headers.has('location')) answers.push([asked.method, answer.status])
      return answer
    }
    const person = newPerson({ issuer: provider.issuer, fetch })
    const asked = {
      client_id: 'web',
      response_type: 'code',
      redirect_uri: 'https://app.example.com/cb',
      scope: 'openid',
    }
    const page = await person.open(`/authorize?${new URLSearchParams({ ...asked, ...challenge })}`)
    const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    const { leftTo } = await person.submit(consent, { decision: 'allow' })
    expect(leftTo?.searchParams.get('code')).toBeTruthy()
    expect(answers.filter(([method]) => method === 'POST').length).toBeGreaterThan(1)
    expect(answers.filter(([, status]) => status !== 303)).toEqual([])
  })
})
