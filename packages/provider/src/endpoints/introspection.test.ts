import { basic, client, testApi, testOpaqueApi, testProvider, testSecrets } from '@latchkey/testing'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory-store.ts'

async function kit(options: Parameters<typeof testProvider>[0] = {}) {
  const provider = await testProvider(options)
  const introspect = async (clientId: string, token: string | undefined) =>
    (await provider.post('/introspect', clientId, { token })).json()
  return { ...provider, introspect }
}

describe('introspection', () => {
  test('features 17: a JWT access token can be introspected, by its client and by its API', async () => {
    const { signIn, introspect, issuer, clock } = await kit()
    const { access_token } = await signIn({ resource: testApi, scope: 'openid read:messages' })
    for (const clientId of ['web', 'api']) {
      expect(await introspect(clientId, access_token)).toEqual({
        active: true,
        iss: issuer,
        sub: 'alice-1',
        client_id: 'web',
        token_type: 'Bearer',
        iat: clock.now(),
        exp: clock.now() + 3600,
        scope: 'openid read:messages',
        aud: [testApi, `${issuer}/userinfo`],
        jti: expect.any(String),
        auth_time: clock.now(),
        amr: ['pwd'],
      })
    }
  })

  test('RFC 7662 §2.2: an opaque access token is described to its client', async () => {
    const { signIn, introspect } = await kit()
    const { access_token } = await signIn({ resource: testOpaqueApi, scope: 'read:notes' })
    expect(await introspect('web', access_token)).toMatchObject({
      active: true,
      aud: testOpaqueApi,
      scope: 'read:notes',
    })
  })

  test('RFC 7662 §2.1: a hint that is wrong changes nothing', async () => {
    const { signIn, post } = await kit()
    const { access_token: token } = await signIn()
    const answer = await post('/introspect', 'web', { token, token_type_hint: 'refresh_token' })
    expect(await answer.json()).toMatchObject({ active: true, sub: 'alice-1' })
  })

  test('RFC 7662 §4: a token is nobody else’s business', async () => {
    const { signIn, introspect } = await kit()
    const jwt = await signIn({ resource: testApi, scope: 'openid read:messages' })
    const other = await signIn({ resource: testOpaqueApi, scope: 'openid read:notes' })
    expect(await introspect('machine', jwt.access_token)).toEqual({ active: false })
    expect(await introspect('api', other.access_token)).toEqual({ active: false })
    expect(await introspect('api', jwt.refresh_token)).toEqual({ active: false })
  })

  test('a refresh token is described to its own client while it is the current one', async () => {
    const { signIn, refresh, introspect } = await kit()
    const first = await signIn()
    expect(await introspect('web', first.refresh_token)).toMatchObject({ active: true, sub: 'alice-1' })
    const second = await refresh(first)
    expect(await introspect('web', first.refresh_token)).toEqual({ active: false })
    expect(await introspect('web', second.refresh_token)).toMatchObject({ active: true })
  })

  test('features 17: revoked and expired tokens are inactive, whatever their form', async () => {
    const { signIn, post, introspect, clock } = await kit()
    const jwt = await signIn({ resource: testApi, scope: 'read:messages' })
    const opaque = await signIn({ scope: 'openid' })
    const late = await signIn({ resource: testApi, scope: 'read:messages' })
    for (const { access_token } of [jwt, opaque]) {
      await post('/revoke', 'web', { token: access_token })
      expect(await introspect('web', access_token)).toEqual({ active: false })
    }
    expect(await introspect('web', late.access_token)).toMatchObject({ active: true })
    clock.advance(3600)
    expect(await introspect('web', late.access_token)).toEqual({ active: false })
  })

  test('anything that is no token of ours is inactive', async () => {
    const { introspect, signIn } = await kit()
    const { id_token } = await signIn()
    for (const token of ['x', 'a.b.c', '..', id_token, 'é'.repeat(40)]) {
      expect(await introspect('web', token)).toEqual({ active: false })
    }
  })

  test('RFC 7662 §2.1: a public client may not ask', async () => {
    const { post } = await kit()
    const response = await post('/introspect', 'spa', { token: 'x' })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: 'invalid_client' })
  })

  test('the tokens of a client that no longer exists are inactive', async () => {
    const store = createMemoryStore()
    const before = await kit({ store })
    const form = { grant_type: 'client_credentials', resource: testApi }
    const { access_token } = await before.token('machine', form)
    expect(await before.introspect('api', access_token)).toMatchObject({ active: true })
    const api = client({ client_id: 'api', grant_types: [], resources: [testApi] })
    const after = await kit({ store, clients: [api] })
    expect(await after.introspect('api', access_token)).toEqual({ active: false })
  })

  test('RFC 9701 §5: on request the answer is a JWT signed for the caller, and no access token', async () => {
    const { signIn, request, issuer, clock } = await kit()
    const { access_token } = await signIn({ resource: testApi, scope: 'openid read:messages' })
    const ask = async (clientId: string, token: string) => {
      const response = await request('/introspect', {
        method: 'POST',
        headers: {
          accept: 'application/token-introspection+jwt',
          authorization: basic(clientId, testSecrets[clientId] ?? ''),
        },
        body: new URLSearchParams({ token }),
      })
      expect(response.headers.get('content-type')).toBe('application/token-introspection+jwt')
      const keys = createLocalJWKSet((await (await request('/jwks')).json()) as JSONWebKeySet)
      const options = {
        issuer,
        audience: clientId,
        typ: 'token-introspection+jwt',
        currentDate: new Date(clock.now() * 1000),
      }
      return (await jwtVerify(await response.text(), keys, options)).payload
    }
    expect(await ask('api', access_token)).toEqual({
      iss: issuer,
      aud: 'api',
      iat: clock.now(),
      token_introspection: expect.objectContaining({ active: true, client_id: 'web', scope: 'openid read:messages' }),
    })
    // RFC 9701 §5: nobody else learns more than that it is not theirs to know
    expect((await ask('machine', access_token)).token_introspection).toEqual({ active: false })
  })
})
