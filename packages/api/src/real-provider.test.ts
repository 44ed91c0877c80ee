import type { OAuthError } from '@latchkey/protocol'
import { listen, type TestProvider, testApi, testOpaqueApi, testProvider, testRuntime } from '@latchkey/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiGuard, createApiGuard } from './api-guard.ts'

let idp: TestProvider
let guard: ApiGuard
let close: () => Promise<void>
const errors: string[] = []

beforeAll(async () => {
  const server = await listen((request) => idp.provider.fetch(request))
  const runtime = testRuntime()
  idp = await testProvider({ issuer: server.origin, runtime })
  guard = createApiGuard({
    issuer: server.origin,
    audience: testApi,
    runtime,
    onError: (error) => void errors.push(String((error as OAuthError).detail)),
  })
  close = server.close
})
afterAll(async () => {
  await close()
  await idp.close()
})

async function answer(
  token: string | undefined,
): Promise<{ status: number; error?: unknown; sub?: string; scope?: string | undefined }> {
  const decision = await guard.authenticate({ authorization: `Bearer ${token}` })
  if (decision.outcome === 'refused') {
    return { status: decision.refusal.status, error: (JSON.parse(decision.refusal.body) as { error?: unknown }).error }
  }
  if (decision.outcome === 'anonymous') throw new Error('nothing passes without a token')
  const { sub, scope } = decision.auth.payload
  return { status: 200, sub, scope }
}

test('RFC 9068 §2: an access token of the provider for this API passes until it expires', async () => {
  const { access_token } = await idp.signIn({ scope: 'openid read:messages', resource: testApi })
  expect(await answer(access_token)).toMatchObject({ status: 200, scope: expect.stringContaining('read:messages') })
  idp.clock.advance(3600)
  expect(await answer(access_token)).toEqual({ status: 401, error: 'invalid_token' })
  expect(errors.at(-1)).toContain('exp is')
})

test('features 39: the ID token of the same sign-in is refused', async () => {
  const { id_token } = await idp.signIn({ scope: 'openid read:messages', resource: testApi })
  expect(await answer(id_token)).toEqual({ status: 401, error: 'invalid_token' })
  expect(errors.at(-1)).toContain('its typ is')
})

test('RFC 8707 §2: a token for another API, and one for none, are refused', async () => {
  const other = await idp.signIn({ scope: 'read:notes', resource: testOpaqueApi })
  const none = await idp.signIn({ scope: 'openid' })
  expect(await answer(other.access_token)).toEqual({ status: 401, error: 'invalid_token' })
  expect(await answer(none.access_token)).toEqual({ status: 401, error: 'invalid_token' })
})
