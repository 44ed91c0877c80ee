import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ApiGuard, ApiGuardOptions, Decision } from './api-guard.ts'
import { hostileKit, told } from './test-hostile.ts'
import { audience, newKey, type TestIssuer, testIssuer } from './test-issuer.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await testIssuer()
})
afterEach(() => issuer.close())

const ask = (guard: ApiGuard, authorization: string) =>
  guard.authenticate({ authorization, method: 'GET', url: () => `${audience}/things` })
const isAtOnce = (decision: Decision | Promise<Decision>): decision is Decision => !(decision instanceof Promise)

/** A guard that has seen a token. */
async function seen(claims: Record<string, unknown> = {}, options: Partial<ApiGuardOptions> = {}) {
  const guard = hostileKit(issuer).newGuard(options)
  const authorization = `Bearer ${await issuer.token(claims)}`
  const first = await ask(guard, authorization)
  return { guard, authorization, first }
}

test('a token seen before is decided upon at once, any other by a promise', async () => {
  const { guard, authorization } = await seen()
  expect(isAtOnce(ask(guard, authorization))).toBe(true)
  for (const other of [`bearer ${authorization.slice(7)}`, `Bearer  ${authorization.slice(7)}`]) {
    const decision = ask(guard, other)
    expect(isAtOnce(decision)).toBe(false)
    expect((await decision).outcome).toBe('admitted')
  }
  expect(told(await ask(guard, `${authorization} `)).status).toBe(400)
  expect(told(await ask(guard, `${authorization}=`)).status).toBe(401)
})

test('RFC 7519 §4.1.4: a token seen before is refused from the second it expires, and not verified for that again', async () => {
  const { guard, authorization } = await seen({ exp: issuer.runtime.now() + 5 })
  issuer.runtime.advance(4.9)
  expect(isAtOnce(ask(guard, authorization))).toBe(true)
  issuer.runtime.advance(0.1)
  expect(told(await ask(guard, authorization))).toMatchObject({ status: 401, error: 'invalid_token' })
})

test('features 43: a token seen before is refused once the provider withdrew the key that signed it', async () => {
  const { guard, authorization } = await seen({ exp: issuer.runtime.now() + 3600 })
  issuer.keys = [(await newKey('ES256', 'second')).publicJwk]
  issuer.runtime.advance(301)
  ask(guard, authorization)
  await expect.poll(async () => told(await ask(guard, authorization)).status).toBe(401)
})

test('RFC 7515 §5.2: a forged token with the signature of one seen before is refused', async () => {
  const { guard, authorization } = await seen()
  const [header = '', , signature = ''] = authorization.slice(7).split('.')
  const now = issuer.runtime.now()
  const claims = { iss: issuer.issuer, aud: audience, sub: 'eve', client_id: 'c', jti: 'j', iat: now, exp: now + 60 }
  const forged = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
  const decision = await ask(guard, `Bearer ${forged}`)
  expect(told(decision)).toMatchObject({ status: 401, error: 'invalid_token' })
  expect(isAtOnce(ask(guard, authorization))).toBe(true)
})

test('features 20: a bound token is never let through for having been seen with its proof', async () => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const cnf = { jkt: await calculateJwkThumbprint(await exportJWK(publicKey)) }
  const { guard, authorization, first } = await seen({ cnf })
  expect(told(first)).toMatchObject({ status: 401, error: 'invalid_token' })
  expect(told(await ask(guard, authorization))).toMatchObject({ status: 401, error: 'invalid_token' })
})

test('a guard that takes only bound tokens takes no bearer token for having seen it', async () => {
  const { guard, authorization } = await seen({}, { dpop: { mode: 'required' } })
  expect(told(await ask(guard, authorization))).toMatchObject({ status: 401, error: 'invalid_token' })
})

test('RFC 6750 §2: where a token may stand elsewhere too, one seen before in the header does not hide a second', async () => {
  const { guard, authorization } = await seen({}, { tokenPlaces: ['header', 'query'] })
  const token = authorization.slice(7)
  const decision = await guard.authenticate({ authorization, url: () => `${audience}/a?access_token=${token}` })
  expect(told(decision)).toMatchObject({ status: 400, error: 'invalid_request' })
})

test('what a handler hangs on the token of one request is not there at the next', async () => {
  const { guard, authorization, first } = await seen()
  if (first.outcome !== 'admitted') throw new Error('refused')
  Object.assign(first.auth, { isAdmin: true })
  expect(await ask(guard, authorization)).toMatchObject({ auth: { payload: first.auth.payload } })
  expect(await ask(guard, authorization)).not.toHaveProperty('auth.isAdmin')
})

test('a listener that fails changes no decision, and onError is told of it', async () => {
  const errors: unknown[] = []
  const failure = new Error('the metrics are away')
  const onEvent = () => {
    throw failure
  }
  const onError = (error: unknown) => {
    errors.push(error)
    throw failure
  }
  const { guard, authorization, first } = await seen({}, { onEvent, onError })
  expect(first.outcome).toBe('admitted')
  expect((await ask(guard, authorization)).outcome).toBe('admitted')
  expect(told(await ask(guard, 'Bearer a.b.c')).status).toBe(401)
  expect(errors).toContain(failure)
})
