import { testApi, testKeyEncryptionKey, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { defaultLifetimes } from '../config.ts'
import { keyVault } from '../keys/key-encryption.ts'
import { keySchedule } from '../keys/key-schedule.ts'
import { loadSigningKeys } from '../keys/signing-keys.ts'

const bearer = (token: string | undefined) => ({ headers: { authorization: `Bearer ${token}` } })

describe('userinfo', () => {
  test('OIDC Core §5.3: GET and POST answer the claims of the scope, with and without a trailing slash', async () => {
    const { signIn, request } = await testProvider()
    const { access_token } = await signIn({ scope: 'openid profile' })
    for (const path of ['/userinfo', '/userinfo/']) {
      for (const method of ['GET', 'POST']) {
        const response = await request(path, { method, ...bearer(access_token) })
        expect(response.status).toBe(200)
        expect(await response.json()).toEqual({ sub: 'alice-1', name: 'Alice Doe', preferred_username: 'alice' })
      }
    }
  })

  test('RFC 6750 §2.2: the token may stand in the form body of a POST', async () => {
    const { signIn, request } = await testProvider()
    const { access_token } = await signIn()
    const body = new URLSearchParams({ access_token })
    expect((await request('/userinfo', { method: 'POST', body })).status).toBe(200)
  })

  test('the JWT for an API works here when it carries openid, and not otherwise', async () => {
    const { signIn, request } = await testProvider()
    const with_ = await signIn({ resource: testApi, scope: 'openid email read:messages' })
    expect(await (await request('/userinfo', bearer(with_.access_token))).json()).toMatchObject({ sub: 'alice-1' })
    const without = await signIn({ resource: testApi, scope: 'email read:messages' })
    const refused = await request('/userinfo', bearer(without.access_token))
    expect(refused.status).toBe(403)
    expect(refused.headers.get('www-authenticate')).toMatch(
      /^Bearer realm=.*error="insufficient_scope".*scope="openid"/,
    )
  })

  test('RFC 6750 §3.1: without a token the challenges name both schemes and no error', async () => {
    const { request, issuer } = await testProvider()
    for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
      const response = await request('/userinfo', { headers })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe(
        `Bearer realm="${issuer}", DPoP algs="RS256 ES256 PS256 ES384 EdDSA"`,
      )
    }
  })

  test('features 10, RFC 6750 §3: an expired, revoked or invented token is answered with a Bearer challenge and invalid_token', async () => {
    const { signIn, request, post, clock } = await testProvider()
    const [expired, revoked] = [await signIn({ resource: testApi, scope: 'openid' }), await signIn()]
    await post('/revoke', 'web', { token: revoked.access_token })
    const refused = async (token: string) => {
      const response = await request('/userinfo', bearer(token))
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+", error="invalid_token"/)
      expect(await response.json()).toMatchObject({ error: 'invalid_token' })
    }
    await refused(revoked.access_token)
    await refused('invented')
    await refused(`${expired.access_token.slice(0, -4)}AAAA`)
    clock.advance(3600)
    await refused(expired.access_token)
  })

  test('RFC 9068 §4: a JWT of this provider that does not name userinfo as audience is refused', async () => {
    const { store, runtime, request, issuer, clock } = await testProvider()
    const vault = keyVault(testKeyEncryptionKey, runtime)
    const schedule = keySchedule({}, defaultLifetimes)
    const keys = await loadSigningKeys({ store, runtime, vault, schedule, algs: [] })
    const [iat, exp] = [clock.now(), clock.now() + 60]
    const claims = { iss: issuer, sub: 'alice-1', client_id: 'web', scope: 'openid', jti: 'f.1', iat, exp }
    for (const [aud, status] of [
      [[testApi, `${issuer}/userinfo`], 200],
      [[testApi], 401],
      [`${issuer}/userinfo.evil`, 401],
    ] as const) {
      const jwt = keys.sign('ES256', { ...claims, aud }, { typ: 'at+jwt' })
      expect((await request('/userinfo', bearer(jwt))).status).toBe(status)
    }
  })

  test('an ID token is no access token', async () => {
    const { signIn, request } = await testProvider()
    const { id_token } = await signIn()
    expect((await request('/userinfo', bearer(id_token))).status).toBe(401)
  })

  test('RFC 6750 §2.3: a token in the query counts only where the configuration says so', async () => {
    for (const [queryAccessTokens, status] of [
      [false, 401],
      [true, 200],
    ] as const) {
      const { signIn, request } = await testProvider({ queryAccessTokens })
      const { access_token } = await signIn()
      expect((await request(`/userinfo?access_token=${access_token}`)).status).toBe(status)
    }
  })

  test('RFC 6750 §2: a token sent in two ways is refused', async () => {
    const { signIn, request } = await testProvider()
    const { access_token } = await signIn()
    const body = new URLSearchParams({ access_token })
    const response = await request('/userinfo', { method: 'POST', body, ...bearer(access_token) })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('the end of the family ends its access tokens, opaque and JWT', async () => {
    const { request, store, clock, code, token } = await testProvider()
    for (const resource of [undefined, testApi]) {
      const { form, sid } = await code({ scope: 'openid', ...(resource === undefined ? {} : { resource }) })
      const { access_token } = await token('web', form)
      expect((await request('/userinfo', bearer(access_token))).status).toBe(200)
      await store.families.revokeSession({ sid, sub: '' }, clock.now())
      expect((await request('/userinfo', bearer(access_token))).status).toBe(401)
    }
  })
})
