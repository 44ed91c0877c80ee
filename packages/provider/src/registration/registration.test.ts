import { createMemoryStore } from '@latchkey/provider/memory-store'
import { newPerson, type TestProviderOptions, testProvider, testRuntime } from '@latchkey/testing'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'

type Registration = NonNullable<TestProviderOptions['registration']>
const invitation = 'an-initial-access-token-of-enough-length'
const web = { redirect_uris: ['https://app.example.com/cb'], client_name: 'Acme' }

async function house(registration: Registration = { mode: 'open' }, options: TestProviderOptions = {}) {
  const kit = await testProvider({ registration, ...options })
  async function send(url: string, method: string, body?: object | string, token?: string) {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const init = body === undefined ? { method, headers } : { method, headers, body: text }
    const response = await kit.provider.fetch(new Request(url, init))
    const answer = response.status === 204 ? {} : await response.json()
    return { status: response.status, headers: response.headers, body: answer }
  }
  const register = (body: object | string, token?: string) => send(`${kit.issuer}/register`, 'POST', body, token)
  return { ...kit, send, register }
}

describe('RFC 7591 §3: registration', () => {
  test('is off unless said otherwise: no endpoint, and none is advertised', async () => {
    const { provider, request } = await testProvider()
    expect(provider.metadata).not.toHaveProperty('registration_endpoint')
    expect((await request('/register', { method: 'POST' })).status).toBe(404)
  })

  test('§3.2.1: the answer tells everything that is registered, the secret once, and how to manage it', async () => {
    const { register, issuer, provider, events } = await house()
    expect(provider.metadata.registration_endpoint).toBe(`${issuer}/register`)
    const { status, body, headers } = await register({ ...web, unknown_field: 1, 'client_name#de': 'Acme' })
    expect(status).toBe(201)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toMatchObject({
      ...web,
      client_id: expect.stringMatching(/^[\w-]{22}$/),
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      application_type: 'web',
      registration_client_uri: `${issuer}/registration/${body.client_id}`,
    })
    expect(body).not.toHaveProperty('unknown_field')
    expect(events.at(-1)).toMatchObject({ type: 'client.registered', clientId: body.client_id })
  })

  test('features 1: neither the secret nor the registration access token is stored in the clear', async () => {
    const { register, store } = await house()
    const { body } = await register(web)
    const kept = JSON.stringify(await store.clients.find(body.client_id))
    expect(kept).not.toContain(body.client_secret)
    expect(kept).not.toContain(body.registration_access_token)
  })

  test('RFC 9700 §2.1.1: require_pkce that is fixed to false is for confidential clients alone', async () => {
    const { register, provider } = await house({ mode: 'open', fixed: { require_pkce: false } })
    const pkceOf = async (method: string) => {
      const { status, body } = await register({ ...web, token_endpoint_auth_method: method })
      expect(status).toBe(201)
      const query = { client_id: body.client_id, redirect_uri: web.redirect_uris[0] ?? '', prompt: 'none' }
      const asked = new URLSearchParams({ ...query, response_type: 'code', scope: 'openid' })
      const { leftTo } = await newPerson(provider).open(`/authorize?${asked}`)
      return leftTo?.searchParams.get('error')
    }
    expect(await pkceOf('client_secret_basic')).toBe('login_required')
    expect(await pkceOf('none')).toBe('invalid_request')
  })

  test('OIDC Core §5.4: ID tokens of those who registered leave to userinfo what scopes tell, unless it is fixed', async () => {
    const settingOf = async (fixed: Registration['fixed'] = {}) => {
      const { register, store } = await house({ mode: 'open', fixed })
      const { body } = await register(web)
      return (await store.clients.find(body.client_id))?.metadata.scope_claims_in_id_token
    }
    expect(await settingOf()).toBe(false)
    expect(await settingOf({ scope_claims_in_id_token: true })).toBe(true)
  })

  test('a registered client signs people in at once, and asks for consent', async () => {
    const { register, provider } = await house()
    const { body } = await register({ ...web, token_endpoint_auth_method: 'none', require_consent: false })
    expect(body).not.toHaveProperty('client_secret')
    const person = newPerson(provider)
    const query = new URLSearchParams({
      client_id: body.client_id,
      response_type: 'code',
      redirect_uri: web.redirect_uris[0] ?? '',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const page = await person.open(`/authorize?${query}`)
    expect((await person.post(`${page.path}/sign-in`, { username: 'alice' })).text).toContain('Acme')
  })

  test('§5: a client never chooses what the server decides: consent, PKCE, resources, its id or its secret', async () => {
    const { register, store } = await house()
    const { body } = await register({
      ...web,
      client_id: 'admin',
      client_secret: 'chosen',
      require_consent: false,
      require_pkce: false,
      resources: ['https://api.example.com'],
    })
    expect(body.client_id).not.toBe('admin')
    expect(body.client_secret).not.toBe('chosen')
    expect((await store.clients.find(body.client_id))?.metadata).toMatchObject({
      require_consent: true,
      require_pkce: true,
      resources: [],
    })
  })

  test('what the server fixes stands above what the client asks', async () => {
    const { register, store } = await house({ mode: 'open', fixed: { require_pkce: false, client_name: 'Guest' } })
    const { body } = await register(web)
    expect(body.client_name).toBe('Guest')
    expect((await store.clients.find(body.client_id))?.metadata.require_pkce).toBe(false)
  })

  test('§2: scope and grants beyond what is to be had are left out', async () => {
    const { register } = await house({ mode: 'open', scope: 'openid email' })
    const { body } = await register({
      ...web,
      scope: 'openid admin email',
      grant_types: ['authorization_code', 'password', 'refresh_token'],
    })
    expect(body.scope).toBe('openid email')
    expect(body.grant_types).toEqual(['authorization_code', 'refresh_token'])
  })

  test('RFC 7591 §2: what is not understood is ignored, and jwks beside jwks_uri is refused', async () => {
    const { register } = await house()
    const { body } = await register({ ...web, shoe_size: 44, 'tos_uri#xx': 'https://app.example.com/' })
    expect(Object.keys(body).filter((name) => /shoe|#/.test(name))).toEqual([])
    const both = { jwks: { keys: [] }, jwks_uri: 'https://app.example.com/jwks' }
    expect((await register({ ...web, ...both })).body.error).toBe('invalid_client_metadata')
    const alone = { ...web, id_token_encrypted_response_enc: 'A256GCM' }
    expect((await register(alone)).body.error).toBe('invalid_client_metadata')
  })

  const refused: [string, object, string][] = [
    ['plain http', { redirect_uris: ['http://app.example.com/cb'] }, 'invalid_redirect_uri'],
    ['a fragment', { redirect_uris: ['https://app.example.com/#x'] }, 'invalid_redirect_uri'],
    ['a wildcard', { redirect_uris: ['https://*.example.com/cb'] }, 'invalid_redirect_uri'],
    ['a script', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['a bare scheme', { redirect_uris: ['myapp:/cb'] }, 'invalid_redirect_uri'],
    [
      'a web client on loopback',
      { redirect_uris: ['http://127.0.0.1/cb'], application_type: 'web' },
      'invalid_redirect_uri',
    ],
    [
      'a web client with an app’s scheme',
      { redirect_uris: ['com.example:/cb'], application_type: 'web' },
      'invalid_redirect_uri',
    ],
    ['no redirect URI', {}, 'invalid_redirect_uri'],
    ['no list', { redirect_uris: 'https://app.example.com/cb' }, 'invalid_redirect_uri'],
    ['an unknown method', { ...web, token_endpoint_auth_method: 'magic' }, 'invalid_client_metadata'],
    ['a number as a name', { ...web, client_name: 7 }, 'invalid_client_metadata'],
    [
      'OIDC Registration §2: an initiate_login_uri that is not https, even on loopback',
      { ...web, initiate_login_uri: 'http://127.0.0.1:8080/login' },
      'invalid_client_metadata',
    ],
    ['alg none', { ...web, id_token_signed_response_alg: 'none' }, 'invalid_client_metadata'],
    [
      'a logout address elsewhere',
      { ...web, frontchannel_logout_uri: 'https://victim.example/' },
      'invalid_client_metadata',
    ],
  ]
  test.each(refused)('§3.2.2; OIDC Registration §3.1: refuses %s', async (_, body, error) => {
    const { register } = await house()
    expect(await register(body)).toMatchObject({ status: 400, body: { error } })
  })

  test.each([
    ['loopback', 'http://127.0.0.1/cb'],
    ['localhost', 'http://localhost:33418/cb'],
    ['a scheme of its own', 'com.example.app:/cb'],
  ])('RFC 8252 §7: an app on a device registers %s', async (_, uri) => {
    const { register } = await house()
    const { status, body } = await register({ redirect_uris: [uri], token_endpoint_auth_method: 'none' })
    expect([status, body.application_type]).toEqual([201, 'native'])
  })

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
  ])('a body that is %s is refused without a 500', async (_, body) => {
    const { register } = await house()
    expect(await register(body)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  test('any origin may register, without credentials', async () => {
    const { request } = await house()
    const headers = { origin: 'https://inspector.example', 'access-control-request-method': 'POST' }
    const answer = await request('/register', { method: 'OPTIONS', headers })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
  })
})

describe('RFC 7591 §3: who may register', () => {
  test('with an initial access token, and not without or with another', async () => {
    const { register } = await house({ mode: 'initial_access_token', initialAccessTokens: [invitation] })
    expect((await register(web, invitation)).status).toBe(201)
    for (const token of [undefined, `${invitation}x`]) {
      const { status, body, headers } = await register(web, token)
      expect([status, body.error]).toEqual([401, 'invalid_token'])
      expect(headers.get('www-authenticate')).toMatch(/^Bearer /)
    }
  })

  test('open registration stops at so many an hour, over all nodes together; an initial access token goes on', async () => {
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const rules: Registration = { mode: 'open', perHour: 3, initialAccessTokens: [invitation] }
    const nodes = [await house(rules, { store, runtime }), await house(rules, { store, runtime })]
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) statuses.push((await nodes[n % 2]?.register(web))?.status ?? 0)
    expect(statuses).toEqual([201, 201, 201, 503, 503, 503])
    expect((await nodes[0]?.register(web, invitation))?.status).toBe(201)
    runtime.clock.advance(3600)
    expect((await nodes[1]?.register(web))?.status).toBe(201)
  })

  test('a refused request takes no place', async () => {
    const { register } = await house({ mode: 'open', perHour: 1 })
    await register({})
    expect((await register(web)).status).toBe(201)
  })

  test('OIDC Registration §5: a sector identifier has to list the redirect URIs', async () => {
    const world = { listed: ['https://other.example/cb'] }
    const outbound = { send: async () => ({ status: 200, headers: {}, body: JSON.stringify(world.listed) }) }
    const { register } = await house({ mode: 'open' }, { outbound })
    const asked = { ...web, subject_type: 'pairwise', sector_identifier_uri: 'https://app.example.com/sector' }
    expect((await register(asked)).body.error).toBe('invalid_client_metadata')
    world.listed = web.redirect_uris
    expect((await register(asked)).body).toMatchObject({ subject_type: 'pairwise' })
  })

  test('the policy has the last word', async () => {
    const policy = ({ client_name: name }: { client_name?: string }) => (name === 'Acme' ? 'not you' : null)
    const { register } = await house({ mode: 'open', policy })
    expect((await register(web)).body).toMatchObject({ error: 'invalid_client_metadata', error_description: 'not you' })
    expect((await register({ ...web, client_name: 'Other' })).status).toBe(201)
  })

  test('a configuration that lets nobody in is refused at the start', async () => {
    await expect(house({ mode: 'initial_access_token' })).rejects.toThrow('initial_access_tokens')
    await expect(house({ mode: 'open', initialAccessTokens: ['short'] })).rejects.toThrow('at least 32')
  })
})

describe('RFC 7591 §2.3: software statements', () => {
  async function publisher() {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwks = { keys: [{ ...(await exportJWK(publicKey)) }] }
    const state = (claims: object, issuer = 'https://publisher.example') =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256' }).setIssuer(issuer).sign(privateKey)
    return { state, issuers: [{ issuer: 'https://publisher.example', jwks }] }
  }

  test('a trusted issuer’s word stands above the client’s', async () => {
    const { state, issuers } = await publisher()
    const { register } = await house({
      mode: 'open',
      softwareStatementIssuers: issuers,
      softwareStatementRequired: true,
    })
    const statement = await state({ client_name: 'Certified', software_id: 's-1' })
    const { body } = await register({ ...web, software_statement: statement })
    expect(body.software_statement).toBe(statement)
    expect(body).toMatchObject({ client_name: 'Certified', software_id: 's-1', redirect_uris: web.redirect_uris })
    expect((await register(web)).body.error).toBe('invalid_software_statement')
  })

  test('§3.2.2: another issuer, another key and an altered statement are refused', async () => {
    const [trusted, stranger] = [await publisher(), await publisher()]
    const { register } = await house({ mode: 'open', softwareStatementIssuers: trusted.issuers })
    const errorOf = async (statement: unknown) => (await register({ ...web, software_statement: statement })).body.error
    expect(await errorOf(await trusted.state({}, 'https://other.example'))).toBe('unapproved_software_statement')
    expect(await errorOf(await stranger.state({}))).toBe('invalid_software_statement')
    expect(await errorOf(`${await trusted.state({})}x`)).toBe('invalid_software_statement')
    expect(await errorOf('x.y.z')).toBe('invalid_software_statement')
    expect(await errorOf(7)).toBe('invalid_software_statement')
  })
})
