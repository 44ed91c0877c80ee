import { client, expectOAuthError, testApi, testOpaqueApi, testProvider } from '@latchkey/testing'
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import type { TrustedIssuer } from './jwt-bearer/trusted-issuer.ts'

const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'
const typeOf = (name: string) => `urn:ietf:params:oauth:token-type:${name}`
const partner = 'https://partner.example.com'
const backend = client({
  client_id: 'backend',
  client_secret: 'backend-secret-backend-secret',
  grant_types: [grant_type, 'client_credentials'],
  resources: [testApi, testOpaqueApi],
})

async function setUp() {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] } as NonNullable<TrustedIssuer['jwks']>
  const kit = await testProvider({ moreClients: [backend], trustedIssuers: [{ issuer: partner, jwks }] })
  const exchange = (subject_token: string, form: Record<string, string> = {}) =>
    kit.token('backend', {
      grant_type,
      subject_token,
      subject_token_type: typeOf('access_token'),
      resource: testApi,
      ...form,
    })
  const assertion = (claims: JWTPayload) => {
    const now = kit.clock.now()
    const payload = {
      iss: partner,
      sub: 'alice-1',
      aud: kit.issuer,
      exp: now + 300,
      iat: now,
      jti: crypto.randomUUID(),
    }
    return new SignJWT({ ...payload, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey)
  }
  const actor = async () => ({
    actor_token: (await kit.token('backend', { grant_type: 'client_credentials', resource: testApi })).access_token,
    actor_token_type: typeOf('access_token'),
  })
  return { ...kit, exchange, assertion, actor }
}

describe('what is exchanged', () => {
  test('RFC 8693 §4.4: may_act of an assertion lets the one it names act, with its actor_token or without', async () => {
    const { exchange, assertion, actor } = await setUp()
    const asJwt = { subject_token_type: typeOf('jwt') }
    for (const may_act of [{ sub: 'backend' }, { client_id: 'backend' }]) {
      const answer = await exchange(await assertion({ may_act }), asJwt)
      expect(decodeJwt(answer.access_token)).toMatchObject({ sub: 'alice-1', client_id: 'backend' })
    }
    const delegated = await exchange(await assertion({ may_act: { sub: 'backend' } }), { ...asJwt, ...(await actor()) })
    expect(decodeJwt(delegated.access_token)).toMatchObject({ sub: 'alice-1', act: { sub: 'backend' } })
  })

  test('RFC 8693 §4.4: may_act that names another, or nobody, lets nobody act', async () => {
    const { exchange, assertion, actor } = await setUp()
    const asJwt = { subject_token_type: typeOf('jwt') }
    for (const may_act of [{ sub: 'other' }, { sub: 'backend', iss: 'https://evil.example' }, {}, 'backend']) {
      const subject = await assertion({ may_act })
      const error = await expectOAuthError(exchange(subject, asJwt), 'invalid_request')
      expect(error.description).toContain('may_act')
      await expectOAuthError(exchange(subject, { ...asJwt, ...(await actor()) }), 'invalid_request')
    }
  })

  test('RFC 8693 §2.1: an opaque token is exchanged like a signed one, and no longer once it is revoked', async () => {
    const { exchange, signIn, post, clock } = await setUp()
    const subject = await signIn({ resource: testOpaqueApi, scope: 'openid read:notes' })
    expect(subject.access_token).not.toContain('.')
    const signed = await exchange(subject.access_token, { scope: 'openid' })
    expect(decodeJwt(signed.access_token)).toMatchObject({ sub: 'alice-1', client_id: 'backend' })
    expect(decodeJwt(signed.access_token).aud).toContain(testApi)
    clock.advance(600)
    const opaque = await exchange(subject.access_token, { resource: testOpaqueApi })
    expect(opaque).toMatchObject({ scope: 'read:notes', expires_in: 3000 })
    await post('/revoke', 'web', { token: subject.access_token })
    await expectOAuthError(exchange(subject.access_token), 'invalid_request')
  })

  test('RFC 8693 §2.2.2: what is no token, or one of another type than is said, is refused', async () => {
    const { exchange, signIn } = await setUp()
    const { access_token, id_token = '' } = await signIn({ resource: testOpaqueApi, scope: 'openid read:notes' })
    await expectOAuthError(exchange(`${access_token.slice(0, -1)}!`), 'invalid_request')
    await expectOAuthError(exchange(id_token), 'invalid_request')
    await expectOAuthError(exchange(access_token, { subject_token_type: typeOf('id_token') }), 'invalid_request')
    await expectOAuthError(exchange(access_token, { subject_token_type: typeOf('saml2') }), 'invalid_request')
  })
})
