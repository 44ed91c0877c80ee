import { client, recordedStore, testApi, testOpaqueApi, testProvider, testRuntime } from '@latchkey/testing'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { leftHalfHash } from '../crypto.ts'
import { createMemoryStore } from '../store/memory-store.ts'

/** Verifies with another implementation, over the keys the provider publishes. */
async function verified(kit: Awaited<ReturnType<typeof testProvider>>, jwt: string) {
  const keys = createLocalJWKSet(await (await kit.request('/jwks')).json())
  return jwtVerify(jwt, keys, { issuer: kit.issuer, currentDate: new Date(kit.clock.now() * 1000) })
}

describe('tokens', () => {
  test('RFC 9068 §2, §2.2: a JWT access token says who, for whom, for which API and from which sign-in', async () => {
    const kit = await testProvider()
    const { access_token } = await kit.signIn({ resource: testApi, scope: 'openid profile read:messages' })
    const { payload, protectedHeader } = await verified(kit, access_token)
    expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'ES256', kid: expect.any(String) })
    expect(payload).toEqual({
      iss: kit.issuer,
      sub: 'alice-1',
      aud: [testApi, `${kit.issuer}/userinfo`],
      exp: kit.clock.now() + 3600,
      iat: kit.clock.now(),
      jti: expect.stringMatching(/^[\w-]{33}\.[\w-]{33}$/),
      client_id: 'web',
      scope: 'openid profile read:messages',
      auth_time: kit.clock.now(),
      amr: ['pwd'],
      sid: expect.any(String),
    })
  })

  test('without openid the API alone is the audience', async () => {
    const kit = await testProvider()
    const form = { grant_type: 'client_credentials', resource: testApi }
    const { payload } = await verified(kit, (await kit.token('machine', form)).access_token)
    expect(payload).toMatchObject({ aud: testApi, sub: 'machine', client_id: 'machine' })
    expect(payload).not.toHaveProperty('sid')
    expect(payload).not.toHaveProperty('auth_time')
  })

  test('OIDC Core §2: an ID token is RS256 unless the client registered another algorithm', async () => {
    const es = client({
      client_id: 'es',
      redirect_uris: ['https://es.test/cb'],
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
    })
    const kit = await testProvider({ moreClients: [es] })
    const algOf = async (clientId: string) => {
      const { id_token = '' } = await kit.signIn({ client: clientId })
      await verified(kit, id_token)
      return decodeProtectedHeader(id_token).alg
    }
    expect(await algOf('web')).toBe('RS256')
    expect(await algOf('es')).toBe('ES256')
  })

  test('OIDC Core §3.1.3.6: an ID token carries the nonce, the sign-in, at_hash and the claims of its scope', async () => {
    const kit = await testProvider()
    const { id_token = '', access_token } = await kit.signIn({ nonce: 'n-1', scope: 'openid email' })
    const { payload } = await verified(kit, id_token)
    expect(payload).toEqual({
      iss: kit.issuer,
      sub: 'alice-1',
      aud: 'web',
      exp: kit.clock.now() + 600,
      iat: kit.clock.now(),
      auth_time: kit.clock.now(),
      nonce: 'n-1',
      amr: ['pwd'],
      sid: expect.any(String),
      at_hash: leftHalfHash('RS256', access_token),
      email: 'alice@example.com',
      email_verified: true,
    })
  })

  test('OIDC Core §12.2: a refreshed ID token keeps auth_time and sid, and has no nonce', async () => {
    const kit = await testProvider()
    const first = await kit.signIn({ nonce: 'n-1' })
    const signedInAt = kit.clock.now()
    kit.clock.advance(500)
    const second = await kit.refresh(first)
    const { payload } = await verified(kit, second.id_token ?? '')
    expect(payload).toMatchObject({ auth_time: signedInAt, iat: signedInAt + 500, sid: expect.any(String) })
    expect(payload).not.toHaveProperty('nonce')
  })

  test('features 11: a request without openid gets no ID token, not even an empty one', async () => {
    const kit = await testProvider()
    const tokens = await kit.signIn({ scope: 'profile' })
    expect(tokens).not.toHaveProperty('id_token')
    const narrowed = await kit.refresh(await kit.signIn({ scope: 'openid profile' }), { scope: 'profile' })
    expect(narrowed).not.toHaveProperty('id_token')
  })

  test('features 18: no token and no code is stored, or looked for, under its own value', async () => {
    const { store, seen } = recordedStore(createMemoryStore())
    const kit = await testProvider({ store })
    const { code, form } = await kit.code({ resource: testOpaqueApi, scope: 'openid read:notes' })
    const first = { clientId: 'web', ...(await kit.token('web', form)) }
    const second = await kit.refresh(first)
    await kit.request('/userinfo', { headers: { authorization: `Bearer ${second.access_token}` } })
    await kit.post('/introspect', 'web', { token: second.refresh_token })
    await kit.post('/revoke', 'web', { token: second.access_token })
    const stored = seen.join('\n')
    expect(stored).toContain('rotate')
    for (const secret of [code, first.access_token, first.refresh_token, second.access_token, second.refresh_token]) {
      expect(secret).toMatch(/^[\w-]{54}$/)
      expect(stored).not.toContain(secret)
      expect(stored).not.toContain(secret?.slice(11))
    }
  })

  test('a token that the store did not take is never sent', async () => {
    const store = createMemoryStore()
    const runtime = testRuntime()
    const failing = {
      ...store,
      accessTokens: { ...store.accessTokens, create: () => Promise.reject(new Error('disk')) },
    }
    const kit = await testProvider({ store: failing, runtime })
    const response = await kit.post('/token', 'machine', { grant_type: 'client_credentials' })
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({
      error: 'server_error',
      error_description: expect.not.stringContaining('disk'),
      request_id: response.headers.get('x-request-id'),
    })
    expect(kit.events).toMatchObject([{ type: 'request.failed', detail: expect.stringContaining('disk') }])
  })

  test('events tell of each issue without a token in them', async () => {
    const kit = await testProvider()
    const tokens = await kit.signIn()
    expect(kit.events).toMatchObject([
      { type: 'token.issued', clientId: 'web', sub: 'alice-1', grantType: 'authorization_code' },
    ])
    expect(JSON.stringify(kit.events)).not.toContain(tokens.access_token)
    expect(JSON.stringify(kit.events)).not.toContain(tokens.refresh_token)
  })

  test('the lifetime of access tokens is the configured one, to the second', async () => {
    const kit = await testProvider({ lifetimes: { access_token: 5 } })
    const { access_token, expires_in } = await kit.signIn()
    const status = async () =>
      (await kit.request('/userinfo', { headers: { authorization: `Bearer ${access_token}` } })).status
    expect(expires_in).toBe(5)
    kit.clock.advance(4.9)
    expect(await status()).toBe(200)
    kit.clock.advance(0.1)
    expect(await status()).toBe(401)
  })
})
