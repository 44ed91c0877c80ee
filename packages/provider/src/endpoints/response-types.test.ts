import { createHash } from 'node:crypto'
import { client, newPerson, testApi, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const redirect_uri = 'https://app.example.com/cb'
const basis = { client_id: 'hybrid', redirect_uri, scope: 'openid', state: 's1', nonce: 'n1', ...challenge }
const hybrid = client({
  client_id: 'hybrid',
  client_secret: 'h'.repeat(32),
  redirect_uris: ['https://app.example.com/cb'],
  grant_types: ['authorization_code', 'implicit'],
  response_types: ['code', 'id_token', 'token id_token', 'code id_token', 'code token', 'code id_token token'],
  authorization_signed_response_alg: 'ES256',
  require_consent: false,
})

async function setUp() {
  const kit = await testProvider({ moreClients: [hybrid] })
  const person = newPerson(kit.provider)
  const page = await person.open(path({ response_type: 'code' }))
  await person.post(`${page.path}/sign-in`, { username: 'alice' })
  const ask = (changes: Record<string, string>) => person.open(path(changes))
  const answer = async (changes: Record<string, string>) => {
    const { leftTo } = await ask(changes)
    return Object.fromEntries(new URLSearchParams(leftTo?.hash.slice(1) || leftTo?.search))
  }
  return { ...kit, person, ask, answer }
}

function path(changes: Record<string, string>): string {
  const given = Object.entries({ ...basis, ...changes }).filter(([, value]) => value !== '')
  return `/authorize?${new URLSearchParams(given)}`
}

function claimsOf(jwt: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString())
}

function leftHalf(text: string | undefined): string {
  return createHash('sha256')
    .update(text ?? '')
    .digest()
    .subarray(0, 16)
    .toString('base64url')
}

describe('OIDC Core §3: what the answer is made of', () => {
  test.each([
    ['id_token', ['id_token']],
    ['id_token token', ['access_token', 'expires_in', 'id_token', 'scope', 'token_type']],
    ['code id_token', ['code', 'id_token']],
    ['code token', ['access_token', 'code', 'expires_in', 'scope', 'token_type']],
    ['token code id_token', ['access_token', 'code', 'expires_in', 'id_token', 'scope', 'token_type']],
  ])(
    'OAuth Multiple Response Types §5; Session Management §2: %s, in the fragment and in any order of words',
    async (response_type, names) => {
      const { ask, answer } = await setUp()
      expect((await ask({ response_type })).leftTo?.search).toBe('')
      const { iss, state, session_state, ...rest } = await answer({ response_type })
      expect(Object.keys(rest).sort()).toEqual(names)
      expect([iss, state]).toEqual(['https://id.example.com', 's1'])
      expect(session_state).toBeTruthy()
    },
  )

  test('OIDC Core §3.3.2.11: the ID token holds the nonce and the hashes of what stands beside it', async () => {
    const { answer } = await setUp()
    const given = await answer({ response_type: 'code id_token token' })
    expect(claimsOf(given.id_token)).toMatchObject({
      iss: 'https://id.example.com',
      aud: 'hybrid',
      sub: 'alice-1',
      nonce: 'n1',
      at_hash: leftHalf(given.access_token),
      c_hash: leftHalf(given.code),
      s_hash: leftHalf('s1'),
    })
    const alone = claimsOf((await answer({ response_type: 'id_token' })).id_token)
    expect(['at_hash', 'c_hash'].some((name) => name in alone)).toBe(false)
  })

  test('OIDC Core §3.3.3.6: both ID tokens are of the same issuer and person', async () => {
    const { answer, token } = await setUp()
    const { code, id_token } = await answer({ response_type: 'code id_token' })
    const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier }
    const [first, second] = [claimsOf(id_token), claimsOf((await token('hybrid', form)).id_token)]
    expect([second.iss, second.sub, second.aud, second.nonce]).toEqual([first.iss, first.sub, first.aud, first.nonce])
  })

  test('OIDC Core §11: offline_access asks for nothing where no code comes out', async () => {
    const { answer } = await setUp()
    const scope = 'openid offline_access'
    expect((await answer({ response_type: 'id_token token', scope })).scope).toBe('openid')
    expect((await answer({ response_type: 'code token', scope })).scope).toBe(scope)
  })

  test('OIDC Core §3.2.2.1: an ID token in the answer needs a nonce; a code beside a token does not', async () => {
    const { answer } = await setUp()
    for (const response_type of ['id_token', 'id_token token', 'code id_token', 'code id_token token'])
      expect(await answer({ response_type, nonce: '' })).toMatchObject({ error: 'invalid_request', state: 's1' })
    expect((await answer({ response_type: 'code token', nonce: '' })).code).toBeTruthy()
  })

  test('RFC 9700 §2.1.2: the token of the answer works, and ends with the family when its code is used twice', async () => {
    const { answer, request, token } = await setUp()
    const given = await answer({ response_type: 'code token' })
    const userinfo = () => request('/userinfo', { headers: { authorization: `Bearer ${given.access_token}` } })
    expect(await (await userinfo()).json()).toMatchObject({ sub: 'alice-1' })
    const form = { grant_type: 'authorization_code', code: given.code, code_verifier: verifier }
    const all = { ...form, redirect_uri }
    expect((await token('hybrid', all)).id_token).toBeTruthy()
    await expect(token('hybrid', all)).rejects.toMatchObject({ code: 'invalid_grant' })
    expect((await userinfo()).status).toBe(401)
  })

  test('RFC 8707 §2: the token of the answer is for the API that was asked for, and its scope alone', async () => {
    const { answer } = await setUp()
    const asked = { response_type: 'id_token token', scope: 'openid read:messages', resource: testApi }
    const given = await answer(asked)
    expect(claimsOf(given.access_token)).toMatchObject({ scope: 'openid read:messages', client_id: 'hybrid' })
    expect(claimsOf(given.access_token).aud).toContain(testApi)
  })

  test('PKCE is asked for where a code comes out, and not where none does', async () => {
    const { answer } = await setUp()
    const without = { code_challenge: '', code_challenge_method: '' }
    expect((await answer({ response_type: 'id_token', ...without })).id_token).toBeTruthy()
    expect((await answer({ response_type: 'code id_token', ...without })).error).toBe('invalid_request')
  })
})

describe('how the answer travels', () => {
  test('OAuth Multiple Response Types §3: tokens never travel in a query; the refusal comes in the fragment', async () => {
    const { ask } = await setUp()
    for (const response_mode of ['query', 'query.jwt']) {
      const { leftTo } = await ask({ response_type: 'code id_token', response_mode })
      expect(leftTo?.search).toBe('')
      expect(new URLSearchParams(leftTo?.hash.slice(1)).get('error')).toBe('invalid_request')
    }
  })

  test.each([
    ['jwt', 'code', 'search'],
    ['query.jwt', 'code', 'search'],
    ['fragment.jwt', 'code', 'hash'],
    ['jwt', 'code id_token', 'hash'],
  ] as const)('JARM §2.1, §2.3: %s signs the answer to %s and puts it into the %s', async (mode, type, place) => {
    const { ask, provider, clock } = await setUp()
    const { leftTo } = await ask({ response_type: type, response_mode: mode })
    const sent = new URLSearchParams(leftTo?.[place].slice(1))
    expect([...sent.keys()]).toEqual(['response'])
    const { createLocalJWKSet, jwtVerify } = await import('jose')
    const jwks = await (await provider.fetch(new Request('https://id.example.com/jwks'))).json()
    const { payload, protectedHeader } = await jwtVerify(sent.get('response') ?? '', createLocalJWKSet(jwks), {
      issuer: 'https://id.example.com',
      audience: 'hybrid',
      currentDate: new Date(clock.now() * 1000),
    })
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload).toMatchObject({ state: 's1', code: expect.any(String) })
    expect(Number(payload.exp) - clock.now()).toBeLessThanOrEqual(600)
  })

  test('JARM §2.3.3: form_post.jwt posts it, and errors are signed too', async () => {
    const { ask } = await setUp()
    const { text } = await ask({ response_type: 'code', response_mode: 'form_post.jwt', scope: 'openid phone' })
    const [, jwt] = /name="response" value="([^"]+)"/.exec(text) ?? []
    expect(claimsOf(jwt)).toMatchObject({ error: 'invalid_scope', aud: 'hybrid', iss: 'https://id.example.com' })
    expect(text).not.toContain('name="error"')
  })

  test('OAuth Web Message Response Mode §4: the page hands the answer to the exact origin and may be framed by it alone', async () => {
    const { ask } = await setUp()
    const { text, headers } = await ask({ response_type: 'code', response_mode: 'web_message' })
    expect(text).toContain('data-message-to="https://app.example.com"')
    const [, message = ''] = /data-message="([^"]+)"/.exec(text) ?? []
    const { type, response } = JSON.parse(message.replaceAll('&quot;', '"'))
    expect([type, response.state]).toEqual(['authorization_response', 's1'])
    expect(response.code).toBeTruthy()
    const policy = headers.get('content-security-policy')
    expect(policy).toContain('frame-ancestors https://app.example.com;')
    expect(policy).toContain("script-src 'self';")
    expect(headers.get('x-frame-options')).toBeNull()
  })

  test('web_message is refused for an app without a web origin', async () => {
    const redirect_uris = ['com.example.app:/cb']
    const app = client({ client_id: 'app', token_endpoint_auth_method: 'none', redirect_uris })
    const { provider } = await testProvider({ moreClients: [app] })
    const code = { response_type: 'code', response_mode: 'web_message' }
    const asked = path({ ...code, client_id: 'app', redirect_uri: 'com.example.app:/cb' })
    const { leftTo } = await newPerson(provider).open(asked)
    expect(leftTo?.searchParams.get('error')).toBe('invalid_request')
  })
})

test('RFC 9700 §2.1.2: a client that did not opt in gets no implicit answer', async () => {
  const { ask } = await setUp()
  for (const response_type of ['id_token', 'id_token token', 'code id_token', 'code token']) {
    const { leftTo } = await ask({ client_id: 'web', response_type })
    expect(leftTo?.hash).toContain('error=unauthorized_client')
    expect(leftTo?.hash).not.toContain('token=')
  }
})
