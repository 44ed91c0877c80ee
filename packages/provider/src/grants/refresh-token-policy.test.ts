import { client, expectOAuthError, testApi, testOpaqueApi, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const redirect_uris = ['https://app.example.com/cb']
const grant_types = ['authorization_code', 'refresh_token']
const secret = { client_secret: 'a-secret-that-is-long-enough' }
const reusing = client({
  client_id: 'reusing',
  ...secret,
  grant_types,
  redirect_uris,
  refresh_token_policy: 'reuse',
})
const fapi = client({ client_id: 'fapi', ...secret, grant_types, redirect_uris, refresh_token_policy: 'fapi' })
const fapiPublic = client({
  client_id: 'fapi-public',
  token_endpoint_auth_method: 'none',
  grant_types,
  redirect_uris,
  refresh_token_policy: 'fapi',
})
const moreClients = [reusing, fapi, fapiPublic]
const lifetimes = { refresh_token_idle: 1000, refresh_token_absolute: 2500 }

describe('refresh token policies', () => {
  test.each(['reusing', 'fapi'])('FAPI 2.0 §5.3.2.1: the refresh token of client "%s" is not rotated', async (id) => {
    const { signIn, refresh } = await testProvider({ moreClients })
    const first = await signIn({ client: id })
    const second = await refresh(first)
    const third = await refresh(second)
    expect(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size).toBe(1)
    expect(new Set([first, second, third].map((tokens) => tokens.access_token)).size).toBe(3)
  })

  test('RFC 9700 §4.14.2: policy fapi rotates what is bound neither to a client nor to a key', async () => {
    const { signIn, refresh, clock } = await testProvider({ moreClients })
    const first = await signIn({ client: 'fapi-public' })
    const second = await refresh(first)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    clock.advance(60)
    await expectOAuthError(refresh(first), 'invalid_grant')
    await expectOAuthError(refresh(second), 'invalid_grant')
  })

  test('RFC 9700 §2.2.2, §4.14.2: a public client cannot be registered with refresh tokens that stay the same', () => {
    const input = { client_id: 'p', token_endpoint_auth_method: 'none', redirect_uris, grant_types } as const
    expect(() => client({ ...input, refresh_token_policy: 'reuse' })).toThrow('refresh_token_policy must be rotate')
  })

  test('features 5: a token that is not rotated ends when it rests too long', async () => {
    const { signIn, refresh, clock } = await testProvider({ moreClients, lifetimes })
    const first = await signIn({ client: 'reusing' })
    clock.advance(999)
    await refresh(first)
    clock.advance(999)
    await refresh(first)
    clock.advance(1000)
    await expectOAuthError(refresh(first), 'invalid_grant')
  })

  test('features 5: a token that is not rotated never outlives the absolute lifetime', async () => {
    const { signIn, refresh, clock } = await testProvider({ moreClients, lifetimes })
    const first = await signIn({ client: 'reusing' })
    for (const seconds of [900, 900, 600]) {
      clock.advance(seconds)
      await refresh(first)
    }
    clock.advance(100)
    await expectOAuthError(refresh(first), 'invalid_grant')
  })

  test('a token that was rotated before its client became one without rotation is still reuse', async () => {
    const before = await testProvider({ clients: [client({ ...fapi, refresh_token_policy: 'rotate' })] })
    const first = await before.signIn({ client: 'fapi' })
    const second = await before.refresh(first)
    const { store, runtime } = before
    const after = await testProvider({ store, runtime, clients: [fapi] })
    runtime.clock.advance(60)
    await expectOAuthError(after.refresh(first), 'invalid_grant')
    await expectOAuthError(after.refresh(second), 'invalid_grant')
    expect(after.events.filter(({ type }) => type === 'refresh.reused')).toHaveLength(1)
  })

  test.each([
    ['signed', testApi, 'read:messages'],
    ['opaque', testOpaqueApi, 'read:notes'],
  ])('RFC 9700 §4.14.2: reuse ends the access tokens of the family too: %s', async (_, resource, scope) => {
    const { signIn, refresh, clock, post, events } = await testProvider()
    const first = await signIn({ resource, scope })
    const second = await refresh(first)
    const isActive = async () => {
      const answers = [first, second].map(async ({ access_token: token }) => {
        const response = await post('/introspect', 'web', { token })
        return (await response.json()).active as boolean
      })
      return Promise.all(answers)
    }
    expect(await isActive()).toEqual([true, true])
    clock.advance(31)
    await expectOAuthError(refresh(first), 'invalid_grant')
    expect(await isActive()).toEqual([false, false])
    expect(events.filter(({ type }) => type === 'refresh.reused')).toMatchObject([{ clientId: 'web' }])
  })
})

describe('how long an access token lasts', () => {
  const short = client({
    client_id: 'short',
    token_endpoint_auth_method: 'none',
    redirect_uris,
    default_access_token_lifetime: 300,
  })
  const api = {
    identifier: testApi,
    name: 'API',
    scopes: ['read:messages'],
    access_token_format: 'jwt',
    access_token_signing_alg: 'ES256',
    access_token_lifetime: 120,
  } as const
  const grantLifetimes = { client_credentials: 60 }
  const given = { moreClients: [short], resources: [api], grantLifetimes }

  test('RFC 6749 §5.1: the narrowest of server, client, API and grant counts, and expires_in says so', async () => {
    const { signIn, token } = await testProvider(given)
    expect((await signIn()).expires_in).toBe(3600)
    expect((await signIn({ client: 'short' })).expires_in).toBe(300)
    expect((await signIn({ client: 'short', resource: testApi, scope: 'read:messages' })).expires_in).toBe(120)
    expect((await token('machine', { grant_type: 'client_credentials' })).expires_in).toBe(60)
  })

  test('a longer limit never lengthens what a shorter one allows', async () => {
    const { signIn } = await testProvider({ ...given, lifetimes: { access_token: 30 } })
    expect((await signIn({ client: 'short' })).expires_in).toBe(30)
  })

  test('limits that are no whole seconds or name no grant are refused at the start', async () => {
    const wrong = testProvider({ grantLifetimes: { client_credential: 60, refresh_token: 0 } })
    await expect(wrong).rejects.toMatchObject({
      problems: [
        expect.stringContaining('grantLifetimes.client_credential'),
        expect.stringContaining('refresh_token: must'),
      ],
    })
  })
})
