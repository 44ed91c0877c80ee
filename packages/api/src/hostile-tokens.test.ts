import { CompactSign, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ApiGuardOptions } from './api-guard.ts'
import { requirements } from './requirements.ts'
import { hostileKit, part, raw } from './test-hostile.ts'
import { audience, newKey, type TestIssuer, testIssuer } from './test-issuer.ts'

/** What a caller with no good will would try: each is refused with the usual words, and never with a 500. */
let issuer: TestIssuer
let kit: ReturnType<typeof hostileKit>
beforeEach(async () => {
  issuer = await testIssuer()
  kit = hostileKit(issuer)
})
afterEach(() => issuer.close())

const newGuard = (options: Partial<ApiGuardOptions> = {}) => kit.newGuard(options)
const bearer = (token: string, guard = kit.newGuard()) => kit.bearer(token, guard)
const invalid = { status: 401, error: 'invalid_token' }

const good = () => kit.good
const goodHeader = '{"typ":"at+jwt","alg":"ES256","kid":"first"}'

describe('headers of a token', () => {
  test.each<[string, Record<string, unknown>]>([
    ['crit with b64', { crit: ['b64'], b64: false }],
    ['an empty crit', { crit: [] }],
    ['crit of something known', { crit: ['exp'] }],
  ])('RFC 7515 §4.1.11: %s is refused, also when the signature is right', async (_title, header) => {
    const token = await new SignJWT(good())
      .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid: 'first' })
      .sign(issuer.key.privateKey)
    const [, payload] = token.split('.')
    const head = part(JSON.stringify({ typ: 'at+jwt', alg: 'ES256', kid: 'first', ...header }))
    const signed = await new CompactSign(Buffer.from(payload ?? '', 'base64url'))
      .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid: 'first' })
      .sign(issuer.key.privateKey)
    expect(await bearer(`${head}.${payload}.${signed.split('.')[2]}`)).toMatchObject(invalid)
  })

  test('RFC 8725 §3.10: keys that the token brings (jwk, jku, x5u, x5c) are neither used nor fetched', async () => {
    const own = await newKey('ES256', 'first')
    let fetched = 0
    const elsewhere = await testIssuer()
    const runtime = {
      ...issuer.runtime,
      fetch: ((input, init) => {
        if (!String(input).startsWith(issuer.issuer)) fetched++
        return issuer.runtime.fetch(input, init)
      }) as typeof issuer.runtime.fetch,
    }
    const brought = {
      jwk: own.publicJwk,
      jku: `${elsewhere.issuer}/jwks`,
      x5u: `${elsewhere.issuer}/x5u`,
      x5c: ['AAAA'],
    }
    const token = await issuer.token({}, brought, own)
    expect(await bearer(token, newGuard({ runtime }))).toMatchObject(invalid)
    expect([fetched, elsewhere.requests]).toEqual([0, []])
    await elsewhere.close()
  })

  test.each([
    '../../../../etc/passwd',
    '__proto__',
    "first' or '1'='1",
    'first\u0000',
    'FIRST',
    ' first',
    `${'x'.repeat(10_000)}`,
  ])('a kid of %j finds no key', async (kid) => {
    expect(await bearer(await issuer.token({}, { kid }))).toMatchObject(invalid)
    expect(JSON.stringify(kit.errors).length).toBeLessThan(2000)
  })

  test('features 43: a thousand unknown kids ask for the keys once more, not a thousand times', async () => {
    const guard = newGuard()
    const tokens = await Promise.all(
      Array.from({ length: 200 }, (_, index) => issuer.token({}, { kid: `kid-${index}` })),
    )
    await bearer(await issuer.token(), guard)
    for (const token of tokens) expect(await bearer(token, guard)).toMatchObject(invalid)
    expect(issuer.jwksFetches()).toBeLessThanOrEqual(2)
  })

  test.each([
    '',
    'at+jwt\u0000',
    'at+JWT ',
    'application/application/at+jwt',
    'aT+jwt,JWT',
    ['at+jwt'],
    { a: 1 },
    5,
    null,
  ])('features 39: a typ of %j is none of ours', async (typ) => {
    expect(
      await bearer(raw(JSON.stringify({ typ, alg: 'ES256', kid: 'first' }), JSON.stringify(good()))),
    ).toMatchObject(invalid)
  })

  test.each(['none', 'None', 'NONE', 'es256', 'ES256 ', 'HS256', 'ES256K', 'dir', '__proto__', 'constructor', 5, null])(
    'features 43: an alg of %j is refused',
    async (alg) => {
      expect(
        await bearer(raw(JSON.stringify({ typ: 'at+jwt', alg, kid: 'first' }), JSON.stringify(good()), '')),
      ).toMatchObject({
        status: 401,
      })
      expect(
        await bearer(raw(JSON.stringify({ typ: 'at+jwt', alg, kid: 'first' }), JSON.stringify(good()))),
      ).toMatchObject(invalid)
    },
  )

  test('a second alg in the same header is not the one that was looked at', async () => {
    const header = '{"typ":"at+jwt","alg":"ES256","kid":"first","alg":"none"}'
    expect(await bearer(raw(header, JSON.stringify(good())))).toMatchObject(invalid)
  })

  test('CVE-2022-21449: a signature of zeros, and ones of odd lengths, are refused', async () => {
    for (const length of [0, 1, 63, 64, 65, 72, 128]) {
      const signature = Buffer.alloc(length).toString('base64url') || 'AA'
      expect(await bearer(raw(goodHeader, JSON.stringify(good()), signature))).toMatchObject(invalid)
    }
  })

  test('a JWT inside a JWT is none', async () => {
    const nested = await new CompactSign(Buffer.from(await issuer.token()))
      .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid: 'first', cty: 'JWT' })
      .sign(issuer.key.privateKey)
    expect(await bearer(nested)).toMatchObject(invalid)
  })
})

describe('payloads', () => {
  const deep = `${'['.repeat(5500)}${']'.repeat(5500)}`

  test('features 37: what is nested deeper than the stack is refused as any other, wherever it stands', async () => {
    const claims = JSON.stringify(good())
    for (const [header, payload] of [
      [goodHeader, claims.replace(`"${issuer.issuer}"`, deep)],
      [goodHeader, claims.replace(`"${audience}"`, deep)],
      [goodHeader, deep],
      [`{"typ":${deep},"alg":"ES256","kid":"first"}`, claims],
      [`{"typ":"at+jwt","alg":"ES256","kid":${deep}}`, claims],
    ] as const) {
      expect(await bearer(raw(header, payload))).toMatchObject(invalid)
    }
    const trusting = await issuer.token({ cnf: JSON.parse(`{"a":${deep.slice(0, 2000)}${deep.slice(-2000)}}`) })
    expect(await bearer(trusting)).toMatchObject(invalid)
  })

  test.each<[string, Record<string, unknown>]>([
    ['exp as text', { exp: '4000000000' }],
    ['a negative exp', { exp: -1 }],
    ['iat as text', { iat: '1' }],
    ['nbf as a list', { nbf: [0] }],
    ['aud as an object', { aud: { [audience]: true } }],
    ['aud within a list', { aud: [[audience]] }],
    ['aud with a space behind', { aud: `${audience} ` }],
    ['aud in capitals', { aud: audience.toUpperCase() }],
    ['iss with a slash behind', { iss: '' }],
    ['sub as a number', { sub: 7 }],
    ['an empty sub', { sub: '' }],
    ['scope as a list', { scope: ['read:messages'] }],
    ['client_id as an object', { client_id: {} }],
  ])('RFC 9068 §4: %s is refused, though it is signed', async (_title, claims) => {
    const given = 'iss' in claims ? { iss: `${issuer.issuer}/` } : claims
    expect(await bearer(await issuer.token(given))).toMatchObject(invalid)
  })

  test.each([
    'read:messages\u00a0',
    'read\u200b:messages',
    'read:message\u0455',
    'READ:MESSAGES',
    'read:messages,write',
    'write\tread:messages',
    'read:messages\n',
    'read%3Amessages',
    ' ',
  ])('RFC 6749 §3.3: a scope of %j is not the one that is needed', async (scope) => {
    const guard = newGuard()
    const decision = await guard.authenticate({ authorization: `Bearer ${await issuer.token({ scope })}` })
    if (decision.outcome !== 'admitted') throw new Error('the token itself is good')
    const { requiredScopes } = requirements((requirement) => requirement)
    expect(requiredScopes('read:messages')(decision.auth)?.status).toBe(403)
  })

  test('claims of every object’s own kind are no claims of the token', async () => {
    const token = await issuer.token(JSON.parse('{"__proto__":{"admin":true,"scope":"admin"},"scope":"x"}'))
    const decision = await newGuard().authenticate({ authorization: `Bearer ${token}` })
    if (decision.outcome !== 'admitted') throw new Error('the token itself is good')
    const { claimEquals, claimIncludes, requiredScopes } = requirements((requirement) => requirement)
    expect(claimEquals('admin', true)(decision.auth)?.status).toBe(403)
    expect(claimIncludes('constructor', 'Object')(decision.auth)?.status).toBe(403)
    expect(requiredScopes('admin')(decision.auth)?.status).toBe(403)
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })

  test.each(['9999999999', { valueOf: 1 }, null, true])('RFC 9470 §3: a sign-in at %j is not recent', async (time) => {
    const decision = await newGuard().authenticate({
      authorization: `Bearer ${await issuer.token({ auth_time: time })}`,
    })
    if (decision.outcome !== 'admitted') throw new Error('the token itself is good')
    const { stepUp } = requirements((requirement) => requirement)
    expect(stepUp({ maxAgeSeconds: 300 })(decision.auth)?.status).toBe(401)
  })
})
