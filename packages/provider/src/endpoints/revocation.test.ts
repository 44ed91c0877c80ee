import { expectOAuthError, testApi, testProvider } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'

describe('revocation', () => {
  test('RFC 7009 §2.1: revoking a refresh token ends its whole family', async () => {
    const { signIn, refresh, post, request } = await testProvider()
    const tokens = await signIn({ resource: testApi, scope: 'openid read:messages' })
    const response = await post('/revoke', 'web', { token: tokens.refresh_token, token_type_hint: 'refresh_token' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
    await expectOAuthError(refresh(tokens), 'invalid_grant')
    const userinfo = await request('/userinfo', { headers: { authorization: `Bearer ${tokens.access_token}` } })
    expect(userinfo.status).toBe(401)
  })

  test('features 17: revoking a JWT access token ends it alone; the session goes on', async () => {
    const { signIn, refresh, post, request, events } = await testProvider()
    const tokens = await signIn({ resource: testApi, scope: 'openid read:messages' })
    await post('/revoke/', 'web', { token: tokens.access_token })
    const userinfo = await request('/userinfo', { headers: { authorization: `Bearer ${tokens.access_token}` } })
    expect(userinfo.status).toBe(401)
    expect((await refresh(tokens)).access_token).toBeTruthy()
    expect(events.filter((event) => event.type === 'token.revoked')).toHaveLength(1)
  })

  test('revoking a refresh token that was rotated already ends the family too', async () => {
    const { signIn, refresh, post } = await testProvider()
    const first = await signIn()
    const second = await refresh(first)
    await post('/revoke', 'web', { token: first.refresh_token })
    await expectOAuthError(refresh(second), 'invalid_grant')
  })

  test("RFC 7009 §2.1, §2.2: another client's token stays as it is, and the answer does not tell it from an invented one", async () => {
    const { signIn, refresh, post, events } = await testProvider()
    const tokens = await signIn({ client: 'web' })
    for (const token of [tokens.access_token, tokens.refresh_token, 'invented']) {
      expect((await post('/revoke', 'spa', { token })).status).toBe(200)
    }
    expect(events.some((event) => event.type === 'token.revoked')).toBe(false)
    expect((await refresh(tokens)).access_token).toBeTruthy()
  })

  test('RFC 7009 §2.1: a hint that is wrong or unknown changes nothing', async () => {
    for (const token_type_hint of ['access_token', 'shoe', '']) {
      const { signIn, refresh, post } = await testProvider()
      const tokens = await signIn()
      await post('/revoke', 'web', { token: tokens.refresh_token, token_type_hint })
      await expectOAuthError(refresh(tokens), 'invalid_grant')
    }
  })

  test('a public client may revoke its own tokens', async () => {
    const { signIn, refresh, post } = await testProvider()
    const tokens = await signIn({ client: 'spa' })
    expect((await post('/revoke', 'spa', { token: tokens.refresh_token })).status).toBe(200)
    await expectOAuthError(refresh(tokens), 'invalid_grant')
  })

  test('RFC 7009 §2.2.1: a request without a token, or without a client, is an error', async () => {
    const { post, request } = await testProvider()
    expect(await (await post('/revoke', 'web', {})).json()).toMatchObject({
      error: 'invalid_request',
      error_description: "parameter 'token' is missing",
    })
    const nobody = await request('/revoke', { method: 'POST', body: new URLSearchParams({ token: 'x' }) })
    expect(nobody.status).toBe(401)
  })

  test('features 17: what is revoked stands in the revocation log: a JWT by its jti, a refresh token by its family', async () => {
    const { signIn, post, store, clock } = await testProvider()
    const tokens = await signIn({ resource: testApi, scope: 'openid read:messages' })
    const { jti, exp } = decodeJwt(tokens.access_token)
    await post('/revoke', 'web', { token: tokens.access_token })
    await post('/revoke', 'web', { token: tokens.refresh_token })
    const entries = await store.revocations.after(0, 10)
    expect(entries).toMatchObject([
      { kind: 'token', id: jti, at: clock.now() },
      { kind: 'family', id: jti?.split('.')[0], at: clock.now() },
    ])
    for (const { expiresAt } of entries) expect(expiresAt).toBeGreaterThanOrEqual(Number(exp))
  })
})
