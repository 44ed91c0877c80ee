import { client, newPerson, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const basis = {
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid',
  state: 's1',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
}
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const pushing = client({
  client_id: 'pushing',
  client_secret: 'p'.repeat(32),
  redirect_uris: ['https://app.example.com/cb'],
  require_consent: false,
  require_pushed_authorization_requests: true,
})

async function setUp(options: Parameters<typeof testProvider>[0] = {}) {
  const kit = await testProvider({ moreClients: [pushing], ...options })
  const person = newPerson(kit.provider)
  const push = async (clientId = 'pushing', changes: Record<string, string> = {}) => {
    const response = await kit.post('/par', clientId, { ...basis, ...changes })
    return { response, body: await response.json() }
  }
  const open = (uri: string, clientId = 'pushing', more = '') =>
    person.open(`/authorize?${new URLSearchParams({ client_id: clientId, request_uri: uri })}${more}`)
  return { ...kit, person, push, open }
}

describe('RFC 9126: pushed authorization requests', () => {
  test('RFC 9126 §2.2, §4: what was pushed is answered, whatever stands beside request_uri', async () => {
    const { push, open, person, token } = await setUp()
    const { response, body } = await push()
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{54}$/),
      expires_in: 90,
    })
    const page = await open(
      body.request_uri,
      'pushing',
      '&state=other&scope=openid+email&redirect_uri=https://evil.example',
    )
    const { leftTo } = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(leftTo?.origin).toBe('https://app.example.com')
    expect(leftTo?.searchParams.get('state')).toBe('s1')
    const code = leftTo?.searchParams.get('code') ?? ''
    const form = { grant_type: 'authorization_code', code, redirect_uri: basis.redirect_uri, code_verifier: verifier }
    expect((await token('pushing', form)).scope).toBe('openid')
  })

  test('RFC 9126 §7.3: a request_uri is answered once, for its own client, and opens for 90 seconds', async () => {
    const { push, open, person, clock } = await setUp()
    const first = await push()
    expect((await open(first.body.request_uri, 'web')).text).toContain('invalid_request_uri')
    const page = await open(first.body.request_uri)
    expect((await person.post(`${page.path}/sign-in`, { username: 'alice' })).leftTo?.search).toContain('code=')
    const again = await open(first.body.request_uri)
    expect([again.status, again.leftTo]).toEqual([400, null])
    expect(again.text).toContain('invalid_request_uri')
    const second = await push()
    clock.advance(90)
    expect((await open(second.body.request_uri)).text).toContain('invalid_request_uri')
  })

  test('FAPI 2.0 §5.3.2.2: a page that is loaded twice does not use the request_uri up, and one of the two is answered', async () => {
    const { push, open, person, clock } = await setUp()
    const { body } = await push()
    const pages = [await open(body.request_uri), await open(body.request_uri)]
    clock.advance(600)
    const [first, second] = pages.map(({ path }) => path)
    expect((await person.post(`${first}/sign-in`, { username: 'alice' })).leftTo?.search).toContain('code=')
    const late = await person.post(`${second}/sign-in`, { username: 'alice' })
    expect([late.leftTo, late.text.includes('code=')]).toEqual([null, false])
  })

  test('RFC 9126 §7.3: of many visits at once by someone who is signed in exactly one gets a code', async () => {
    const { push, open, person } = await setUp()
    const page = await open((await push()).body.request_uri)
    await person.post(`${page.path}/sign-in`, { username: 'alice' })
    const { body } = await push()
    const visits = await Promise.all(Array.from({ length: 8 }, () => open(body.request_uri)))
    expect(visits.filter(({ leftTo }) => leftTo?.searchParams.has('code'))).toHaveLength(1)
  })

  test('RFC 9126 §7.3: a request that was refused is used up too', async () => {
    const { push, open, person } = await setUp()
    const { body } = await push()
    const page = await open(body.request_uri)
    expect((await person.post(`${page.path}/cancel`, {})).leftTo?.searchParams.get('error')).toBe('access_denied')
    expect((await open(body.request_uri)).text).toContain('invalid_request_uri')
  })

  test('RFC 9126 §2.1: the client proves itself as at the token endpoint, and the secret is not kept', async () => {
    const { request, push, store } = await setUp()
    const kept: string[] = []
    const create = store.pushedRequests.create.bind(store.pushedRequests)
    store.pushedRequests.create = async (record) => {
      kept.push(record.request)
      return create(record)
    }
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams({ ...basis, client_id: 'pushing', client_secret: 'wrong' })
    const refused = await request('/par', { method: 'POST', headers, body: body.toString() })
    expect([refused.status, (await refused.json()).error]).toEqual([401, 'invalid_client'])
    expect((await push('post')).response.status).toBe(201)
    expect(kept.join()).toContain('client_id=post')
    expect(kept.join()).not.toContain('client_secret')
  })

  test.each([
    ['a foreign redirect URI', { redirect_uri: 'https://evil.example/cb' }, 'invalid_request'],
    ['another push', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request'],
    ['a scope the client may not have', { scope: 'openid phone' }, 'invalid_scope'],
    ['a request without PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['a response type it is not registered for', { response_type: 'code id_token', nonce: 'n' }, 'unauthorized_client'],
    ['another client in the body', { client_id: 'web' }, 'invalid_request'],
  ])('RFC 9126 §2.3: %s is refused at the push', async (_, changes, error) => {
    const { push } = await setUp()
    const { response, body } = await push('pushing', changes)
    expect([response.status, body.error]).toEqual([400, error])
  })

  test('RFC 9126 §5, §6: server and client may require the push', async () => {
    const byClient = await setUp()
    const path = `/authorize?${new URLSearchParams({ ...basis, client_id: 'pushing' })}`
    expect((await byClient.person.open(path)).leftTo?.searchParams.get('error')).toBe('invalid_request')
    const byServer = await setUp({ requirePushedAuthorizationRequests: true })
    const other = path.replace('=pushing', '=web')
    expect((await byServer.person.open(other)).leftTo?.searchParams.get('error')).toBe('invalid_request')
    expect(byServer.provider.metadata.require_pushed_authorization_requests).toBe(true)
    expect(byServer.provider.metadata.pushed_authorization_request_endpoint).toBe('https://id.example.com/par')
  })

  test('HEAD neither uses up a pushed request nor mints a code', async () => {
    const { push, open, request } = await setUp()
    const { body } = await push()
    const query = new URLSearchParams({ client_id: 'pushing', request_uri: body.request_uri })
    const head = await request(`/authorize?${query}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('location')]).toEqual([200, null])
    expect((await open(body.request_uri)).path).toMatch(/^\/interaction\//)
  })
})
