import { client, newPerson, testProvider } from '@latchkey/testing'
import { compactDecrypt, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'

const pair = await generateKeyPair('ECDH-ES', { extractable: true })
const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'e', use: 'enc' }] }

async function open(keys: object = jwks) {
  const sealed = client({
    client_id: 'sealed',
    client_secret: 'sealed-secret-sealed-secret',
    redirect_uris: ['https://app.example.com/cb'],
    require_pkce: false,
    require_consent: false,
    authorization_encrypted_response_alg: 'ECDH-ES',
    authorization_encrypted_response_enc: 'A256GCM',
    ...keys,
  })
  const kit = await testProvider({ moreClients: [sealed] })
  const person = newPerson(kit.provider)
  const query = new URLSearchParams({
    client_id: 'sealed',
    response_type: 'code',
    redirect_uri: 'https://app.example.com/cb',
    scope: 'openid',
    state: 's1',
    nonce: 'n1',
    response_mode: 'jwt',
  })
  const page = await person.open(`/authorize?${query}`)
  return { ...kit, answer: await person.post(`${page.path}/sign-in`, { username: 'alice' }) }
}

describe('JARM', () => {
  test('JARM §2.2: a client that registered for it gets its answer signed, then encrypted to its key', async () => {
    const { answer, request, issuer, clock } = await open({ jwks })
    const { plaintext, protectedHeader } = await compactDecrypt(
      answer.leftTo?.searchParams.get('response') ?? '',
      pair.privateKey,
    )
    expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT', kid: 'e' })
    const keys = createLocalJWKSet(await (await request('/jwks')).json())
    const { payload } = await jwtVerify(new TextDecoder().decode(plaintext), keys, {
      issuer,
      audience: 'sealed',
      currentDate: new Date(clock.now() * 1000),
    })
    expect(payload).toMatchObject({ state: 's1', code: expect.any(String), exp: clock.now() + 600 })
    expect([...(answer.leftTo?.searchParams.keys() ?? [])]).toEqual(['response'])
  })

  test('JARM §2.2: without a key that fits, nothing leaves the server unencrypted', async () => {
    const { answer } = await open({ jwks: { keys: [{ ...jwks.keys[0], use: 'sig' }] } })
    expect([answer.leftTo, answer.text.includes('code=')]).toEqual([null, false])
    expect(answer.status).toBe(410)
  })

  test('JARM §3: encryption needs a key, and discovery names what there is', async () => {
    const { provider } = await open({ jwks })
    expect(provider.metadata).toMatchObject({
      authorization_encryption_alg_values_supported: ['RSA-OAEP-256', 'ECDH-ES'],
      authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM', 'A128CBC-HS256'],
    })
    expect(() => client({ client_id: 'x', authorization_encrypted_response_alg: 'ECDH-ES' })).toThrow('needs a key')
  })
})
