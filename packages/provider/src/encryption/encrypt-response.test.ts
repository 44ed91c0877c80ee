import { contentEncryptionAlgs, keyManagementAlgs } from '@latchkey/protocol'
import { client, testApi, testProvider } from '@latchkey/testing'
import { compactDecrypt, createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'

const redirect_uris = ['https://app.example.com/cb']
const pairs = {
  'RSA-OAEP-256': await generateKeyPair('RSA-OAEP-256', { extractable: true }),
  'ECDH-ES': await generateKeyPair('ECDH-ES', { extractable: true }),
}
const rsa = await exportJWK(pairs['RSA-OAEP-256'].publicKey)
const ec = await exportJWK(pairs['ECDH-ES'].publicKey)
const jwks = {
  keys: [
    { ...rsa, kid: 'r', use: 'enc' },
    { ...ec, kid: 'e', use: 'enc' },
  ],
}

const open = async (overrides: object) => {
  const secret = client({
    client_id: 'sealed',
    client_secret: 'sealed-secret-sealed-secret',
    redirect_uris,
    ...overrides,
  })
  const kit = await testProvider({ moreClients: [secret] })
  const verify = async (jwt: string) =>
    jwtVerify(jwt, createLocalJWKSet((await (await kit.request('/jwks')).json()) as JSONWebKeySet), {
      issuer: kit.issuer,
      audience: 'sealed',
      currentDate: new Date(kit.clock.now() * 1000),
    })
  return { ...kit, verify }
}
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe.each(keyManagementAlgs)('%s', (alg) => {
  test.each(contentEncryptionAlgs)('RFC 7519 §5.2: with %s an ID token is signed, then encrypted', async (enc) => {
    const { signIn, verify } = await open({
      jwks,
      id_token_encrypted_response_alg: alg,
      id_token_encrypted_response_enc: enc,
    })
    const { id_token } = await signIn({ client: 'sealed', nonce: 'n' })
    const { plaintext, protectedHeader } = await compactDecrypt(String(id_token), pairs[alg].privateKey)
    expect(protectedHeader).toMatchObject({ alg, enc, cty: 'JWT', kid: alg === 'ECDH-ES' ? 'e' : 'r' })
    expect((await verify(text(plaintext))).payload).toMatchObject({ sub: 'alice-1', nonce: 'n' })
  })

  test('OIDC Core §5.3.2: userinfo is encrypted, signed before where the client wants both', async () => {
    for (const userinfo_signed_response_alg of [undefined, 'PS256']) {
      const more = userinfo_signed_response_alg === undefined ? {} : { userinfo_signed_response_alg }
      const { signIn, request, verify } = await open({ jwks, userinfo_encrypted_response_alg: alg, ...more })
      const { access_token } = await signIn({ client: 'sealed' })
      const response = await request('/userinfo', { headers: { authorization: `Bearer ${access_token}` } })
      expect(response.headers.get('content-type')).toBe('application/jwt')
      const { plaintext, protectedHeader } = await compactDecrypt(await response.text(), pairs[alg].privateKey)
      // OIDC Registration §2: the default where only alg is registered
      expect(protectedHeader.enc).toBe('A128CBC-HS256')
      const content = text(plaintext)
      const claims =
        more.userinfo_signed_response_alg === undefined ? JSON.parse(content) : (await verify(content)).payload
      expect(claims).toMatchObject({ sub: 'alice-1', email: 'alice@example.com' })
    }
  })

  test('RFC 9701 §5: a signed introspection answer is encrypted to its caller', async () => {
    const { signIn, request, verify } = await open({
      jwks,
      resources: [testApi],
      introspection_encrypted_response_alg: alg,
      introspection_encrypted_response_enc: 'A256GCM',
    })
    const { access_token } = await signIn({ resource: testApi, scope: 'read:messages' })
    const response = await request('/introspect', {
      method: 'POST',
      headers: {
        accept: 'application/token-introspection+jwt',
        authorization: `Basic ${btoa('sealed:sealed-secret-sealed-secret')}`,
      },
      body: new URLSearchParams({ token: access_token }),
    })
    const { plaintext } = await compactDecrypt(await response.text(), pairs[alg].privateKey)
    expect((await verify(text(plaintext))).payload.token_introspection).toMatchObject({
      active: true,
      client_id: 'web',
    })
  })
})

describe('without a key that fits', () => {
  test('a client whose keys are all for signatures gets no ID token, and nothing in the clear', async () => {
    const signing = { keys: [{ ...rsa, use: 'sig' }] }
    const { post, code } = await open({ jwks: signing, id_token_encrypted_response_alg: 'RSA-OAEP-256' })
    const { form } = await code({ client: 'sealed' })
    const answer = await (await post('/token', 'sealed', form)).json()
    expect(answer).not.toHaveProperty('id_token')
    expect(answer).toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringContaining('RSA-OAEP-256'),
    })
  })

  test('OIDC Registration §2: a client that wants encryption has to register keys', () => {
    expect(() => client({ client_id: 'x', redirect_uris, id_token_encrypted_response_alg: 'ECDH-ES' })).toThrow(
      'needs a key to encrypt to',
    )
  })
})
