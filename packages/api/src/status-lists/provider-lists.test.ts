import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { listen, type TestProvider, testApi, testProvider, testResources, testRuntime } from '@latchkey/testing'
import { getListFromStatusListJWT, getStatusListFromJWT } from '@sd-jwt/jwt-status-list'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiGuard } from '../api-guard.ts'

let idp: TestProvider
let close: () => Promise<void>
const runtime = testRuntime({ now: Math.floor(systemRuntime.now()) })

beforeAll(async () => {
  const server = await listen((request) => idp.provider.fetch(request))
  const resources = testResources.map((resource) => ({ ...resource, access_token_status_list: true }))
  idp = await testProvider({ issuer: server.origin, runtime, resources, statusLists: { ttl: 30, lifetime: 300 } })
  close = server.close
})
afterAll(async () => {
  await close()
  await idp.close()
})

const signIn = () => idp.signIn({ scope: 'openid read:messages', resource: testApi })

test('Token Status List §8.3: our list as another implementation reads it, and jose verifies it', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, signIn))
  const [revoked] = tokens
  await idp.post('/revoke', 'web', { token: revoked?.access_token })
  const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`))
  for (const { access_token } of tokens) {
    const { idx, uri } = getStatusListFromJWT(access_token)
    const text = await (await fetch(uri, { headers: { accept: 'application/statuslist+jwt' } })).text()
    const { payload } = await jwtVerify(text, keys, { issuer: idp.issuer, subject: uri, typ: 'statuslist+jwt' })
    expect(payload).toMatchObject({ ttl: 30, exp: (payload.iat ?? 0) + 300 })
    expect(getListFromStatusListJWT(text).getStatus(idx)).toBe(access_token === revoked?.access_token ? 1 : 0)
  }
})

test('features 17: a guard without the feed refuses what was revoked once the list’s ttl has passed', async () => {
  const guard = createApiGuard({ issuer: idp.issuer, audience: testApi, runtime, statusLists: { required: true } })
  const { access_token: token } = await signIn()
  const outcome = async () => (await guard.authenticate({ authorization: `Bearer ${token}` })).outcome
  expect(await outcome()).toBe('admitted')
  await idp.post('/revoke', 'web', { token })
  runtime.clock.advance(29)
  expect(await outcome()).toBe('admitted')
  runtime.clock.advance(1)
  expect(await outcome()).toBe('refused')
})
