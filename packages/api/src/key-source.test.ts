import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ApiGuard, createApiGuard } from './api-guard.ts'
import { audience, newKey, type TestIssuer, testIssuer } from './test-issuer.ts'

let issuer: TestIssuer
let guard: ApiGuard
let errors: unknown[]

beforeEach(async () => {
  issuer = await testIssuer()
  errors = []
  guard = newGuard()
})
afterEach(() => issuer.close())

function newGuard(): ApiGuard {
  const onError = (error: unknown) => void errors.push(error)
  return createApiGuard({ issuer: issuer.issuer, audience, runtime: issuer.runtime, onError })
}

async function answer(token: string): Promise<{ status: number; retryAfter?: string | undefined; error?: unknown }> {
  const decision = await guard.authenticate({ authorization: `Bearer ${token}` })
  if (decision.outcome !== 'refused') return { status: 200 }
  const { status, headers, body } = decision.refusal
  return { status, retryAfter: headers['retry-after'], error: (JSON.parse(body) as { error: unknown }).error }
}

/** Lets a refresh behind the scenes come to its end. */
async function settled(fetches: number): Promise<void> {
  await expect.poll(() => issuer.jwksFetches()).toBe(fetches)
  await new Promise((resolve) => setImmediate(resolve))
}

test('the keys are fetched once for a hundred tokens at the same time', async () => {
  const tokens = await Promise.all(Array.from({ length: 100 }, (_, index) => issuer.token({ jti: `t${index}` })))
  const answers = await Promise.all(tokens.map(answer))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(issuer.jwksFetches()).toBe(1)
})

describe('features 43: unknown keys', () => {
  test('200 unknown kids cause one fetch a cool-down', async () => {
    await answer(await issuer.token())
    const flood = await Promise.all(
      Array.from({ length: 200 }, (_, index) => issuer.token({}, { kid: `kid-${index}` })),
    )
    for (const token of flood) expect(await answer(token)).toMatchObject({ status: 401, error: 'invalid_token' })
    expect(issuer.jwksFetches()).toBe(2)
    issuer.runtime.advance(31)
    await Promise.all(flood.map(answer))
    expect(issuer.jwksFetches()).toBe(3)
  })

  test('a key that the provider has just begun to use is fetched at once', async () => {
    await answer(await issuer.token())
    const second = await newKey('ES256', 'second')
    issuer.keys = [...issuer.keys, second.publicJwk]
    expect(await answer(await issuer.token({}, {}, second))).toEqual({ status: 200 })
  })

  test('a key that the provider withdrew is refused after the next refresh, also for tokens seen before', async () => {
    const token = await issuer.token()
    expect(await answer(token)).toEqual({ status: 200 })
    issuer.keys = [(await newKey('ES256', 'second')).publicJwk]
    issuer.runtime.advance(301)
    expect(await answer(token)).toEqual({ status: 200 })
    await settled(2)
    await expect.poll(async () => (await answer(token)).status).toBe(401)
  })

  test('after a long silence the keys are fetched before a token is judged', async () => {
    const token = await issuer.token()
    await answer(token)
    issuer.keys = [(await newKey('ES256', 'second')).publicJwk]
    issuer.runtime.advance(1200)
    expect(await answer(token)).toMatchObject({ status: 401 })
  })

  test('RFC 7517 §4.5: without a kid the only key that fits is used, and several are refused', async () => {
    const token = await issuer.token({}, { kid: undefined })
    expect(await answer(token)).toEqual({ status: 200 })
    issuer.keys = [...issuer.keys, (await newKey('ES256', 'second')).publicJwk]
    guard = newGuard()
    expect(await answer(token)).toMatchObject({ status: 401, error: 'invalid_token' })
  })

  test('keys for encryption, of odd types or too short are left out', async () => {
    const rsa = { kty: 'RSA', kid: 'first', n: 'AQAB', e: 'AQAB' }
    issuer.keys = [{ ...issuer.key.publicJwk, use: 'enc' }, rsa, { kty: 'oct', k: 'c2VjcmV0', kid: 'first' }]
    expect(await answer(await issuer.token())).toMatchObject({ status: 401 })
  })
})

describe('Cache-Control', () => {
  test.each([
    ['no-store', 61],
    ['public, max-age=5', 61],
    ['max-age=900', 901],
    ['max-age=999999', 3601],
  ])('%s keeps the keys until %i s have passed', async (cacheControl, seconds) => {
    issuer.cacheControl = cacheControl
    const token = await issuer.token({ exp: issuer.runtime.now() + 10_000 })
    await answer(token)
    issuer.runtime.advance(seconds - 2)
    await answer(token)
    expect(issuer.jwksFetches()).toBe(1)
    issuer.runtime.advance(2)
    await answer(token)
    await settled(2)
  })
})

describe('features 36: the authorization server is down', () => {
  test('without keys the answer is 503 with Retry-After, never 401', async () => {
    issuer.down = true
    const expected = { status: 503, error: 'temporarily_unavailable', retryAfter: '1' }
    expect(await answer(await issuer.token())).toEqual(expected)
    expect(String(errors[0])).toContain('answered 503')
  })

  test('it is asked again only after a pause that grows to 30 s, and recovers', async () => {
    issuer.down = true
    const token = await issuer.token()
    for (let index = 0; index < 50; index++) expect((await answer(token)).status).toBe(503)
    expect(issuer.requests.length).toBe(1)
    for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
      issuer.runtime.advance(pause)
      await answer(token)
    }
    expect(issuer.requests.length).toBe(8)
    issuer.down = false
    issuer.runtime.advance(30)
    expect(await answer(token)).toEqual({ status: 200 })
  })

  test('keys fetched before serve on for a day, then the answer is 503', async () => {
    const token = await issuer.token({ exp: issuer.runtime.now() + 200_000 })
    await answer(token)
    issuer.down = true
    for (const seconds of [301, 3600, 80_000]) {
      issuer.runtime.advance(seconds)
      expect(await answer(token)).toEqual({ status: 200 })
    }
    issuer.runtime.advance(3600)
    await expect.poll(async () => (await answer(token)).status).toBe(503)
  })

  test('an unknown kid is no wrong token while nobody can say so', async () => {
    await answer(await issuer.token())
    issuer.down = true
    expect(await answer(await issuer.token({}, { kid: 'new' }))).toMatchObject({ status: 503 })
    expect(await answer(await issuer.token({}, { kid: 'newer' }))).toMatchObject({ status: 503 })
  })

  test('a port where nobody listens is the same as an outage', async () => {
    const token = await issuer.token()
    await issuer.close()
    expect(await answer(token)).toMatchObject({ status: 503 })
    issuer = await testIssuer()
  })
})

describe('discovery', () => {
  test('RFC 8414 §3.3: metadata of another issuer is not used', async () => {
    issuer.metadata = { issuer: 'https://evil.test', jwks_uri: `${issuer.issuer}/jwks` }
    expect(await answer(await issuer.token())).toMatchObject({ status: 503 })
    expect(issuer.jwksFetches()).toBe(0)
    expect(String(errors[0])).toContain('names the issuer "https://evil.test"')
  })

  test.each(['http://jwks.example.com/jwks', 'ftp://x/', 7])('a jwks_uri of %j is not fetched', async (jwksUri) => {
    issuer.metadata = { issuer: issuer.issuer, jwks_uri: jwksUri }
    expect(await answer(await issuer.token())).toMatchObject({ status: 503 })
  })

  test('a JWKS of more than half a megabyte is not read to its end', async () => {
    issuer.keys = [{ ...issuer.key.publicJwk, filler: 'x'.repeat(600_000) }]
    expect(await answer(await issuer.token())).toMatchObject({ status: 503 })
    expect(String(errors[0])).toContain('more than 524288 bytes')
  })
})
