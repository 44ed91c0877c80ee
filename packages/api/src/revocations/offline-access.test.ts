import { client, listen, testApi, testProvider, testRuntime } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { createApiGuard } from '../api-guard.ts'

const clientSecret = 'guard-secret-guard-secret-guard'

test('OIDC Core §11: a token with offline access outlives the session that it came from', async () => {
  const runtime = testRuntime()
  const server = await listen((request) => idp.provider.fetch(request))
  const reader = { client_id: 'guard', client_secret: clientSecret, grant_types: [], revocation_feed: true }
  const idp = await testProvider({ issuer: server.origin, runtime, moreClients: [client(reader)] })
  const guard = createApiGuard({
    issuer: server.origin,
    audience: testApi,
    runtime,
    revocations: { clientId: 'guard', clientSecret },
  })
  await guard.ready()
  const outcome = async (token: string) => (await guard.authenticate({ authorization: `Bearer ${token}` })).outcome
  const code = await idp.code({ scope: 'openid read:messages offline_access', resource: testApi })
  const offline = { clientId: 'web', ...(await idp.token('web', code.form)) }
  const { sid } = code
  const now = runtime.clock.now()
  const family = {
    familyId: 'of-the-session',
    clientId: 'web',
    sub: 'alice-1',
    sid,
    createdAt: now,
    expiresAt: now + 60,
  }
  await idp.store.families.begin({ family, accessToken: null, refreshToken: null }, now)
  expect(await idp.store.families.revokeSession({ sid, sub: '' }, now)).toEqual(['of-the-session'])
  await expect.poll(() => guard.feeds()[0]?.held).toBe(2)
  expect(await outcome(offline.access_token)).toBe('admitted')
  expect(await outcome((await idp.refresh(offline)).access_token)).toBe('admitted')
  await guard.close()
  await server.close()
  await idp.close()
})
