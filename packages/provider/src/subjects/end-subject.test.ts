import { expectOAuthError, testApi, testProvider } from '@latchkey/testing'
import { expect, test } from 'vitest'

test('features 17: ending a person ends their refresh tokens, opaque tokens and introspected JWTs, and nobody else’s', async () => {
  const idp = await testProvider()
  const asked = { scope: 'openid read:messages offline_access', resource: testApi }
  const [alice, opaque, root] = [
    await idp.signIn(asked),
    await idp.signIn({ scope: 'openid' }),
    await idp.signIn({ ...asked, username: 'root' }),
  ]
  const isActive = async (token: string | undefined) =>
    ((await (await idp.post('/introspect', 'api', { token })).json()) as { active: boolean }).active
  const userinfo = (token: string | undefined) =>
    idp.request('/userinfo', { headers: { authorization: `Bearer ${token}` } })
  expect(await isActive(alice.access_token)).toBe(true)
  expect((await userinfo(opaque.access_token)).status).toBe(200)

  await idp.provider.endSubject('alice-1')
  expect(await isActive(alice.access_token)).toBe(false)
  expect((await userinfo(opaque.access_token)).status).toBe(401)
  await expectOAuthError(idp.refresh(alice), 'invalid_grant')
  expect(await isActive(root.access_token)).toBe(true)
  expect((await idp.refresh(root)).access_token).toBeTypeOf('string')
  await idp.close()
})
