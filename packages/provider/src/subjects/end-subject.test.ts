import { expectOAuthError, testAccounts, testApi, testPeople, testProvider } from '@latchkey/testing'
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

test('deleting a person takes the account first, ends everything, and leaves consents and tokens nowhere', async () => {
  const order: string[] = []
  const accounts = testAccounts(testPeople)
  const gone = new Set<string>()
  const idp = await testProvider({
    accounts: {
      ...accounts,
      find: async (sub) => (gone.has(sub) ? null : accounts.find(sub)),
      async remove(sub) {
        order.push((await idp.store.families.find(familyId))?.revokedAt === null ? 'account first' : 'too late')
        const wasThere = !gone.has(sub)
        gone.add(sub)
        return wasThere
      },
    },
  })
  const code = await idp.code({ scope: 'openid read:messages offline_access', resource: testApi })
  const { familyId } = code
  const tokens = { clientId: 'web', ...(await idp.token('web', code.form)) }
  await idp.store.consents.grant('alice-1', 'web', { permissions: ['openid'] }, idp.clock.now())
  expect(await idp.provider.deleteSubject('alice-1', { actor: 'root-1' })).toBe(true)
  expect(order).toEqual(['account first'])
  await expectOAuthError(idp.refresh(tokens), 'invalid_grant')
  expect(await idp.store.consents.find('alice-1', 'web')).toEqual([])
  expect(await idp.store.accessTokens.isJwtRevoked('any', familyId)).toBe(true)
  expect(await idp.provider.deleteSubject('alice-1')).toBe(false)
  const [event] = await idp.store.audit.list({ limit: 9, type: 'subject.deleted' }).then((found) => found.slice(-1))
  expect(event).toMatchObject({ sub: 'alice-1', actor: 'root-1' })
  await idp.close()
})
