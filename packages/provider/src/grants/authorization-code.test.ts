import { expectOAuthError, testApi, testOpaqueApi, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory-store.ts'

describe('the authorization_code grant', () => {
  test('RFC 6749 §5.1; OIDC Core §3.1.3.3: a code brings an access token, a refresh token and an ID token, never to be cached', async () => {
    const { code, post } = await testProvider()
    const { form } = await code()
    const response = await post('/token/', 'web', form)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('pragma')).toBe('no-cache')
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
      id_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      scope: 'openid profile email',
    })
  })

  test('the curl walk: id and secret in the body, no PKCE for a client that need not use it', async () => {
    const { signIn } = await testProvider()
    const tokens = await signIn({ client: 'post', pkce: false })
    expect(tokens).toMatchObject({ expires_in: 3600, token_type: 'Bearer' })
  })

  test('features 3: another registered redirect_uri than the one of the code is refused', async () => {
    const { code, token, provider } = await testProvider()
    const { form } = await code()
    await expectOAuthError(token('web', { ...form, redirect_uri: 'https://app.example.com/other' }), 'invalid_grant')
    await expectOAuthError(token('web', { ...form, redirect_uri: undefined }), 'invalid_grant')
    expect((await token('web', form)).access_token).toBeTruthy()
    await provider.close()
  })

  test('RFC 6749 §4.1.3: redirect_uri may be left out when the authorization request left it out', async () => {
    const { code, token } = await testProvider()
    const { form } = await code({ redirectUriGiven: false })
    expect((await token('web', { ...form, redirect_uri: undefined })).access_token).toBeTruthy()
  })

  test('features 4, RFC 7636 §4.6: a code with a challenge needs its verifier', async () => {
    const { code, token } = await testProvider()
    const { form, verifier } = await code({ client: 'spa' })
    for (const code_verifier of [undefined, 'short', 'x'.repeat(43), `${verifier.slice(0, -1)}~`]) {
      await expectOAuthError(token('spa', { ...form, code_verifier }), 'invalid_grant')
    }
    expect((await token('spa', form)).access_token).toBeTruthy()
  })

  test('features 4: a public client gets nothing for a code without a challenge', async () => {
    const { code, token } = await testProvider()
    const { form } = await code({ client: 'spa', pkce: false })
    await expectOAuthError(token('spa', form), 'invalid_grant')
  })

  test('RFC 9700 §4.8.2: a verifier for a code without a challenge is refused, since someone took the challenge away', async () => {
    const { code, token } = await testProvider()
    const { form, verifier } = await code({ client: 'post', pkce: false })
    await expectOAuthError(token('post', { ...form, code_verifier: verifier }), 'invalid_grant')
  })

  test('RFC 6749 §4.1.2: a code used twice ends every token of its first use', async () => {
    const { code, token, request, refresh, events } = await testProvider()
    const { form } = await code()
    const first = await token('web', form)
    await expectOAuthError(token('web', form), 'invalid_grant')
    const userinfo = await request('/userinfo', { headers: { authorization: `Bearer ${first.access_token}` } })
    expect(userinfo.status).toBe(401)
    await expectOAuthError(refresh({ clientId: 'web', ...first }), 'invalid_grant')
    expect(events.filter((event) => event.type === 'code.reused')).toMatchObject([{ clientId: 'web', sub: 'alice-1' }])
  })

  test('a used code in the hands of another client, or without its verifier, ends nothing', async () => {
    const { code, token, refresh } = await testProvider()
    const { form } = await code()
    const first = await token('web', form)
    await expectOAuthError(token('post', form), 'invalid_grant')
    await expectOAuthError(token('web', { ...form, code_verifier: 'x'.repeat(43) }), 'invalid_grant')
    expect((await refresh({ clientId: 'web', ...first })).access_token).toBeTruthy()
  })

  test("RFC 6749 §4.1.3: another client's code is refused and stays usable for its own", async () => {
    const { code, token } = await testProvider()
    const { form } = await code()
    await expectOAuthError(token('post', form), 'invalid_grant')
    expect((await token('web', form)).access_token).toBeTruthy()
  })

  test('a code is worth nothing after its lifetime', async () => {
    const { code, token, clock } = await testProvider()
    const { form } = await code({ lifetime: 60 })
    clock.advance(60)
    await expectOAuthError(token('web', form), 'invalid_grant')
  })

  test('features 14: of eight redeemers at two nodes of one store, exactly one gets tokens', async () => {
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const nodes = [await testProvider({ store, runtime }), await testProvider({ store, runtime })] as const
    const { form } = await nodes[0].code()
    const tries = Array.from({ length: 8 }, (_, n) => nodes[n % 2 === 0 ? 0 : 1].token('web', form))
    const outcomes = await Promise.allSettled(tries)
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'invalid_grant' })
    }
  })

  test('RFC 8707 §2.2: the token request picks one of the authorized resources, else gets the first', async () => {
    const { code, token } = await testProvider()
    const both = { resource: [testOpaqueApi, testApi], scope: 'openid read:notes read:messages' }
    const picked = await token('web', { ...(await code(both)).form, audience: testApi })
    expect(picked).toMatchObject({ scope: 'openid read:messages', access_token: expect.stringContaining('.') })
    const first = await token('web', (await code(both)).form)
    expect(first).toMatchObject({ scope: 'openid read:notes', access_token: expect.not.stringContaining('.') })
  })

  test('RFC 8707 §2.2: resources that were not authorized, unknown or several at once are refused', async () => {
    const { code, token } = await testProvider()
    const { form } = await code({ resource: testApi, scope: 'openid read:messages' })
    for (const resource of [testOpaqueApi, 'https://nowhere.example.com', [testApi, testOpaqueApi]]) {
      await expectOAuthError(token('web', { ...form, resource }), 'invalid_target')
    }
  })

  test('a person whose account is gone gets no tokens', async () => {
    const store = createMemoryStore()
    const before = await testProvider({ store })
    const { form } = await before.code()
    const after = await testProvider({ store, people: [] })
    await expectOAuthError(after.token('web', form), 'invalid_grant')
  })

  test('a code of a session that has ended since is refused', async () => {
    const { code, token, store, clock } = await testProvider()
    const { form, sid } = await code()
    await store.families.revokeSession({ sid, sub: '' }, clock.now())
    await expectOAuthError(token('web', form), 'invalid_grant')
  })
})
