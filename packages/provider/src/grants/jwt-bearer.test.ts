import { client, expectOAuthError, testApi, testProvider } from '@latchkey/testing'
import fc from 'fast-check'
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Outbound, OutboundError } from '../outbound/outbound.ts'
import type { TrustedIssuer } from './jwt-bearer/trusted-issuer.ts'

const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const issuer = 'https://partner.example.com'
const worker = client({ client_id: 'worker', client_secret: 'worker-secret-worker-secret', grant_types: [grant_type] })
const other = client({ client_id: 'other', client_secret: 'other-secret-other-secret', grant_types: [grant_type] })

let privateKey: CryptoKey
let strangerKey: CryptoKey
let jwks: NonNullable<TrustedIssuer['jwks']>
beforeAll(async () => {
  const pair = await generateKeyPair('ES256')
  privateKey = pair.privateKey
  strangerKey = (await generateKeyPair('ES256')).privateKey
  jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1' }] } as NonNullable<TrustedIssuer['jwks']>
})

async function setUp(trusted: Partial<TrustedIssuer> = {}, options: Parameters<typeof testProvider>[0] = {}) {
  const keys = trusted.jwks_uri === undefined ? { jwks } : {}
  const trustedIssuers = [{ issuer, ...keys, ...trusted }]
  const kit = await testProvider({ moreClients: [worker, other], trustedIssuers, ...options })
  const assertion = (claims: JWTPayload = {}, key = privateKey) => {
    const now = kit.clock.now()
    const payload = { iss: issuer, sub: 'alice-1', aud: kit.issuer, exp: now + 300, iat: now, jti: crypto.randomUUID() }
    return new SignJWT({ ...payload, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(key)
  }
  const present = (jwt: string, form = {}, from = 'worker') =>
    kit.token(from, { grant_type, assertion: jwt, resource: testApi, ...form })
  return { ...kit, assertion, present }
}

describe('the jwt-bearer grant', () => {
  test('RFC 7523 §2.1: an assertion of a trusted issuer brings an access token for its person, and no other token', async () => {
    const { assertion, present } = await setUp()
    const answer = await present(await assertion(), { scope: 'read:messages' })
    expect(Object.keys(answer).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
    const claims = { sub: 'alice-1', aud: testApi, client_id: 'worker', scope: 'read:messages' }
    expect(decodeJwt(answer.access_token)).toMatchObject(claims)
  })

  test('RFC 7523 §3: an assertion works once, whoever presents it', async () => {
    const { assertion, present } = await setUp()
    const jwt = await assertion()
    const answers = await Promise.allSettled(['worker', 'other', 'worker', 'other'].map((id) => present(jwt, {}, id)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expectOAuthError(present(jwt), 'invalid_grant')
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['another audience', { aud: 'https://elsewhere.example.com' }],
    ['no audience', { aud: undefined }],
    ['no subject', { sub: undefined }],
    ['a person without an account', { sub: 'nobody' }],
    ['no end', { exp: undefined }],
    ['an end in the past', { exp: 1_799_999_900 }],
    ['an end too far away', { exp: 1_800_090_000 }],
    ['a beginning in the future', { nbf: 1_800_000_100 }],
    ['an issue in the future', { iat: 1_800_000_100 }],
    ['no jti', { jti: undefined }],
  ])('RFC 7523 §3: %s is invalid_grant', async (_, claims) => {
    const { assertion, present } = await setUp()
    await expectOAuthError(present(await assertion(claims as JWTPayload)), 'invalid_grant')
  })

  test('RFC 7523 §3: a signature of somebody else, none at all, or of the text alone is refused', async () => {
    const { assertion, present } = await setUp()
    await expectOAuthError(present(await assertion({}, strangerKey)), 'invalid_grant')
    const [header = '', payload = ''] = (await assertion()).split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    for (const jwt of [`${header}.${payload}.`, `${none}.${payload}.`, `${header}.${payload}.AAAA`, payload, 'x.y.z']) {
      await expectOAuthError(present(jwt), 'invalid_grant')
    }
  })

  test('an issuer may be trusted for some clients and some scopes only', async () => {
    const { assertion, present } = await setUp({ clients: ['worker'], scope: 'read:messages' })
    await expectOAuthError(present(await assertion(), {}, 'other'), 'invalid_grant')
    await expectOAuthError(present(await assertion(), { scope: 'write:messages' }), 'invalid_scope')
    expect((await present(await assertion())).scope).toBe('read:messages')
  })

  test('the person is found by another claim, or by a function', async () => {
    const byClaim = await setUp({ subject_claim: 'employee' })
    const { access_token } = await byClaim.present(await byClaim.assertion({ sub: 'x', employee: 'alice-1' }))
    expect(decodeJwt(access_token).sub).toBe('alice-1')
    const byFunction = await setUp({ findSub: ({ email }) => (email === 'alice@example.com' ? 'alice-1' : null) })
    const found = await byFunction.present(await byFunction.assertion({ email: 'alice@example.com' }))
    expect(decodeJwt(found.access_token).sub).toBe('alice-1')
    await expectOAuthError(byFunction.present(await byFunction.assertion()), 'invalid_grant')
  })

  test('RFC 7523 §3: keys by reference come through the guarded door, and rotate', async () => {
    const jwks_uri = 'https://partner.example.com/jwks'
    const asked: string[] = []
    let published: object = { keys: [] }
    const outbound: Outbound = {
      async send(url) {
        asked.push(url)
        return { status: 200, headers: {}, body: JSON.stringify(published) }
      },
    }
    const { assertion, present, clock } = await setUp({ jwks_uri }, { outbound })
    await expectOAuthError(present(await assertion()), 'invalid_grant')
    published = jwks
    clock.advance(60)
    expect((await present(await assertion())).access_token).toBeTruthy()
    expect(new Set(asked)).toEqual(new Set([jwks_uri]))
    const down: Outbound = { send: () => Promise.reject(new OutboundError('unreachable', 'down')) }
    const closed = await setUp({ jwks_uri }, { outbound: down })
    await expectOAuthError(closed.present(await closed.assertion()), 'invalid_grant')
  })

  test('RFC 8414 §2: without a trusted issuer the grant is neither advertised nor there', async () => {
    const { provider, token } = await testProvider({ moreClients: [worker] })
    expect(provider.metadata.grant_types_supported).not.toContain(grant_type)
    await expectOAuthError(token('worker', { grant_type, assertion: 'x' }), 'unsupported_grant_type')
  })

  test('trusted issuers without keys, twice, or that are this provider are refused at the start', async () => {
    const wrong = testProvider({
      trustedIssuers: [{ issuer }, { issuer, jwks }, { issuer: 'https://id.example.com', jwks }],
    })
    await expect(wrong).rejects.toMatchObject({
      problems: [
        expect.stringContaining('trustedIssuers[0]: give its keys'),
        expect.stringContaining('is there twice'),
        expect.stringContaining('is this provider itself'),
      ],
    })
  })

  test('RFC 7523 §3.1: whatever stands in an assertion, the answer is never a 5xx', async () => {
    const { assertion, post } = await setUp()
    const value = fc.oneof(
      fc.string({ maxLength: 10 }),
      fc.integer(),
      fc.constant(null),
      fc.constant([1]),
      fc.constant({}),
    )
    const claims = fc.dictionary(fc.constantFrom('iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti'), value)
    await fc.assert(
      fc.asyncProperty(claims, fc.string({ maxLength: 30 }), async (changed, text) => {
        const jwt = await assertion(changed as JWTPayload).catch(() => text)
        for (const sent of [jwt, text, `${text}.${text}.${text}`]) {
          const response = await post('/token', 'worker', { grant_type, assertion: sent, scope: text })
          expect(response.status).toBeLessThan(500)
        }
      }),
      { numRuns: 100 },
    )
  })
})
