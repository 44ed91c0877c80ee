import { client, testApi } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { authorize, basis, setUp, signedIn } from './test-authorize.ts'

describe('a request whose redirect URI cannot be trusted is answered on a page', () => {
  test.each([
    ['an unknown client', authorize({ client_id: 'nobody' }), 'client_id &quot;nobody&quot; is not registered here'],
    ['no client', authorize({ client_id: undefined }), 'parameter &quot;client_id&quot; is missing'],
    ['a foreign redirect URI', authorize({ redirect_uri: 'https://evil.example/cb' }), 'is not registered for client'],
    [
      'a longer redirect URI',
      authorize({ redirect_uri: 'https://app.example.com/cb/x' }),
      'is not registered for client',
    ],
    ['another query', authorize({ redirect_uri: 'https://app.example.com/cb?a=1' }), 'is not registered for client'],
    [
      'user info',
      authorize({ redirect_uri: 'https://app.example.com@evil.example/cb' }),
      'is not registered for client',
    ],
    [
      'no redirect URI where two are registered',
      authorize({ redirect_uri: undefined }),
      'parameter &quot;redirect_uri&quot; is missing',
    ],
    ['a duplicated parameter', `${authorize()}&state=s2`, 'parameter &quot;state&quot; is given more than once'],
    ['a duplicated redirect URI', `${authorize()}&redirect_uri=https://evil.example/`, 'given more than once'],
    ['broken percent-encoding', `${authorize()}&x=%ff`, 'not valid UTF-8'],
  ])('%s: a page, never a redirect', async (_, path, says) => {
    const { person } = await setUp()
    const page = await person.open(path)
    expect(page.leftTo).toBeNull()
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(page.text).toContain(says)
    expect(page.text).toContain('tell the people who run the application')
    expect(page.text).toContain(page.headers.get('x-request-id'))
  })

  test('what was sent is escaped on the page', async () => {
    const { person } = await setUp()
    const page = await person.open(authorize({ client_id: '<script>alert(1)</script>' }))
    expect(page.text).not.toContain('<script>alert')
    expect(page.text).toContain('&lt;script&gt;')
  })

  test('a body of a megabyte is refused on a page', async () => {
    const { person } = await setUp()
    const page = await person.post('/authorize', { ...basis, padding: 'x'.repeat(1_000_000) })
    expect(page.status).toBe(413)
    expect(page.headers.get('content-type')).toContain('text/html')
  })
})

describe('RFC 6749 §4.1.2.1: from then on errors go back to the client', () => {
  test.each([
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['RFC 6749 §3.1.1: an unknown response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['an unknown response mode', { response_mode: 'pigeon' }, 'invalid_request'],
    ['RFC 9101 §6.2: a request object without an algorithm', { request: 'e30.e30.' }, 'invalid_request_object'],
    [
      'RFC 9101 §10.4.1: a request URI that is not registered',
      { request_uri: 'https://x.example' },
      'invalid_request_uri',
    ],
    ['both ways of a request object', { request: 'e30.e30.', request_uri: 'urn:x' }, 'invalid_request'],
    ['features 4: no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['features 4: PKCE with plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    [
      'features 4, RFC 7636 §4.3: PKCE without a method, which means plain',
      { code_challenge_method: undefined },
      'invalid_request',
    ],
    ['a malformed challenge', { code_challenge: 'short' }, 'invalid_request'],
    ['features 8: a standard scope the client may not have', { scope: 'openid phone' }, 'invalid_scope'],
    ['features 8: a scope of an API that is not asked for', { scope: 'openid read:messages' }, 'invalid_scope'],
    ['a scope outside the grammar', { scope: 'openid "x"' }, 'invalid_scope'],
    ['RFC 8707 §2: an unknown resource', { resource: 'https://nowhere.example' }, 'invalid_target'],
    ['an unknown audience', { audience: 'https://nowhere.example' }, 'invalid_target'],
    ['prompt none beside another', { prompt: 'none login' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'dance' }, 'invalid_request'],
    ['max_age that is no number', { max_age: 'soon' }, 'invalid_request'],
    ['an id_token_hint that is not ours', { id_token_hint: 'e30.e30.x' }, 'invalid_request'],
    ['OIDC Core §3.1.2.6: prompt none when nobody is signed in', { prompt: 'none' }, 'login_required'],
  ])('%s', async (_, changes, error) => {
    const { person, issuer } = await setUp()
    const { leftTo } = await person.open(authorize(changes))
    expect(leftTo?.origin).toBe('https://app.example.com')
    expect(Object.fromEntries(leftTo?.searchParams ?? [])).toMatchObject({ error, state: 's1', iss: issuer })
    expect(leftTo?.searchParams.has('code')).toBe(false)
  })

  test('a public client cannot do without PKCE', async () => {
    const { person } = await setUp()
    const { leftTo } = await person.open(
      authorize({
        client_id: 'spa',
        redirect_uri: 'https://spa.example.com/cb',
        code_challenge: undefined,
        code_challenge_method: undefined,
      }),
    )
    expect(leftTo?.href).toMatch(/^https:\/\/spa\.example\.com\/cb\?error=invalid_request/)
  })

  test('a confidential client without require_pkce may, and plain is refused there as well', async () => {
    const { person } = await setUp()
    const without = { client_id: 'post', code_challenge: undefined, code_challenge_method: undefined }
    expect((await person.open(authorize(without))).path).toMatch(/^\/interaction\//)
    const plain = await person.open(authorize({ client_id: 'post', code_challenge_method: 'plain' }))
    expect(plain.leftTo?.searchParams.get('error')).toBe('invalid_request')
  })

  test('a client without the code grant is refused', async () => {
    const machine = client({
      client_id: 'robot',
      client_secret: 'x'.repeat(32),
      grant_types: ['client_credentials'],
      redirect_uris: ['https://app.example.com/cb'],
    })
    const { person } = await setUp({ moreClients: [machine] })
    const { leftTo } = await person.open(authorize({ client_id: 'robot' }))
    expect(leftTo?.searchParams.get('error')).toBe('unauthorized_client')
  })

  test('a resource that the client was not registered for is refused', async () => {
    const narrow = client({
      client_id: 'narrow',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://app.example.com/cb'],
      resources: ['https://opaque.example.com'],
    })
    const { person } = await setUp({ moreClients: [narrow] })
    const { leftTo } = await person.open(authorize({ client_id: 'narrow', resource: testApi }))
    expect(leftTo?.searchParams.get('error')).toBe('invalid_target')
  })
})

describe('the answer', () => {
  test('features 9, RFC 9207 §2: carries iss, and an empty state is not echoed', async () => {
    const { person, issuer } = await signedIn()
    for (const state of [undefined, '']) {
      const { leftTo } = await person.open(authorize({ state }))
      expect(leftTo?.searchParams.get('iss')).toBe(issuer)
      expect(leftTo?.searchParams.get('code')).toBeTruthy()
      expect(leftTo?.searchParams.has('state')).toBe(false)
    }
    const refused = await person.open(authorize({ state: '', response_type: 'token' }))
    expect(refused.leftTo?.searchParams.has('state')).toBe(false)
    expect(refused.leftTo?.searchParams.get('iss')).toBe(issuer)
  })

  test.each(['123123', 'a b+c%2F&d=e#f?g', 'ünïcödé ✓', '"<>\'', 'x'.repeat(2000)])(
    'RFC 6749 §4.1.2: the state %# comes back as it was given, with and without a page between',
    async (state) => {
      const { person } = await setUp()
      const page = await person.open(authorize({ state }))
      const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
      const allowed = await person.submit(consent, { decision: 'allow' })
      expect(allowed.leftTo?.searchParams.get('state')).toBe(state)
      expect((await person.open(authorize({ state }))).leftTo?.searchParams.get('state')).toBe(state)
    },
  )

  test('features 9: the query of a redirect URI is kept', async () => {
    const own = client({
      client_id: 'query',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://app.example.com/cb?tenant=a%20b'],
      require_consent: false,
    })
    const { person } = await signedIn({ moreClients: [own] })
    const { leftTo } = await person.open(authorize({ client_id: 'query', redirect_uri: own.redirect_uris[0] }))
    expect(leftTo?.href).toMatch(/^https:\/\/app\.example\.com\/cb\?tenant=a%20b&code=/)
  })

  test('the code redeems with the verifier, the nonce and the resource of the request', async () => {
    const { person, post } = await signedIn()
    const page = await person.open(authorize({ audience: testApi, scope: 'openid read:messages', nonce: 'n-1' }))
    const { leftTo } = await person.submit(page, { decision: 'allow' })
    const response = await post('/token', 'web', {
      grant_type: 'authorization_code',
      code: leftTo?.searchParams.get('code') ?? '',
      redirect_uri: basis.redirect_uri,
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    })
    const tokens = await response.json()
    const claims = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
    expect(claims(tokens.id_token)).toMatchObject({ nonce: 'n-1', sub: 'alice-1' })
    expect(claims(tokens.access_token)).toMatchObject({ scope: 'openid read:messages' })
    expect(claims(tokens.access_token).aud).toContain(testApi)
  })

  test('OIDC Core §3.1.2.1: scope values that nobody knows are left out', async () => {
    const { person } = await signedIn()
    const { leftTo } = await person.open(authorize({ scope: 'openid unheard-of' }))
    expect(leftTo?.searchParams.get('code')).toBeTruthy()
  })

  test('RFC 8252 §7.3: a loopback redirect URI may have another port, and the code goes there', async () => {
    const native = client({
      client_id: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/cb'],
      require_consent: false,
    })
    const { person } = await signedIn({ moreClients: [native] })
    const { leftTo } = await person.open(authorize({ client_id: 'native', redirect_uri: 'http://127.0.0.1:51234/cb' }))
    expect(leftTo?.host).toBe('127.0.0.1:51234')
  })

  test('fragment and form_post answer in their own ways', async () => {
    const { person } = await signedIn()
    const fragment = await person.open(authorize({ response_mode: 'fragment' }))
    expect(fragment.leftTo?.hash).toMatch(/^#code=.*&state=s1&iss=/)
    expect(fragment.leftTo?.search).toBe('')
    const page = await person.open(authorize({ response_mode: 'form_post' }))
    expect(page.text).toMatch(/<form[^>]*action="https:\/\/app\.example\.com\/cb"/)
    expect(page.text).toContain('<input type="hidden" name="code"')
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https:")
  })

  test('OIDC Core §3.1.2.1: a POST asks the same', async () => {
    const { person } = await signedIn()
    expect((await person.post('/authorize', basis)).leftTo?.searchParams.get('code')).toBeTruthy()
  })
})

test('RFC 6749 §4.1.2.1: an error_description keeps to the characters that are allowed', async () => {
  const { person } = await setUp()
  for (const changes of [{ response_type: undefined }, { prompt: 'none login' }, { scope: 'openid phone' }]) {
    const { leftTo } = await person.open(authorize(changes))
    expect(leftTo?.searchParams.get('error_description')).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  }
})

test('a redirect URI with characters beyond ASCII still answers', async () => {
  const uri = 'https://app.example.com/zurück'
  const own = client({
    client_id: 'u',
    token_endpoint_auth_method: 'none',
    redirect_uris: [uri],
    require_consent: false,
  })
  const { person } = await signedIn({ moreClients: [own] })
  const { leftTo } = await person.open(authorize({ client_id: 'u', redirect_uri: uri }))
  expect(leftTo?.pathname).toBe('/zur%C3%BCck')
  expect(leftTo?.searchParams.get('code')).toBeTruthy()
})

test('discovery says what the endpoint does', async () => {
  const { provider } = await setUp()
  expect(provider.metadata).toMatchObject({
    authorization_endpoint: 'https://id.example.com/authorize',
    end_session_endpoint: 'https://id.example.com/end-session',
    response_types_supported: expect.arrayContaining(['code', 'id_token', 'code id_token token']),
    response_modes_supported: expect.arrayContaining(['query', 'form_post', 'web_message', 'jwt', 'form_post.jwt']),
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    request_parameter_supported: true,
    require_request_uri_registration: true,
    claims_parameter_supported: true,
  })
})
