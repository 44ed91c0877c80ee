import { createHash } from 'node:crypto'
import { signingAlgs } from '@latchkey/protocol'
import { client, testProvider, testResources } from '@latchkey/testing'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'

const redirect_uris = ['https://app.example.com/cb']
const clientOf = (alg: (typeof signingAlgs)[number]) =>
  client({
    client_id: `client-${alg}`,
    token_endpoint_auth_method: 'none',
    redirect_uris,
    id_token_signed_response_alg: alg,
    userinfo_signed_response_alg: alg,
  })
const resourceOf = (alg: (typeof signingAlgs)[number]) => ({
  identifier: `https://${alg.toLowerCase()}.example.com`,
  name: alg,
  scopes: ['read'],
  access_token_format: 'jwt' as const,
  access_token_signing_alg: alg,
})

/** The hash that goes with each algorithm, computed here from its definition. */
const halfHash = { RS256: 'sha256', PS256: 'sha256', ES256: 'sha256', ES384: 'sha384', EdDSA: 'sha512' } as const
const leftHalf = (alg: keyof typeof halfHash, text: string) => {
  const digest = createHash(halfHash[alg]).update(text).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

describe.each(signingAlgs)('%s', (alg) => {
  const open = async () => {
    const kit = await testProvider({ moreClients: [clientOf(alg)], resources: [...testResources, resourceOf(alg)] })
    const jwks = async () => createLocalJWKSet((await (await kit.request('/jwks')).json()) as JSONWebKeySet)
    return { ...kit, jwks, currentDate: new Date(kit.clock.now() * 1000) }
  }

  test('RFC 7518 §3.1; OIDC Core §3.1.3.6: signs ID tokens, whose at_hash is the left half of its own hash', async () => {
    const { signIn, jwks, issuer, currentDate } = await open()
    const tokens = await signIn({ client: `client-${alg}` })
    const options = { issuer, audience: `client-${alg}`, currentDate, algorithms: [alg] }
    const { payload } = await jwtVerify(String(tokens.id_token), await jwks(), options)
    expect(payload.at_hash).toBe(leftHalf(alg, tokens.access_token))
  })

  test('RFC 9068 §2.1: signs access tokens of a resource that asks for it', async () => {
    const { signIn, jwks, issuer, currentDate } = await open()
    const { identifier } = resourceOf(alg)
    const { access_token } = await signIn({ client: `client-${alg}`, resource: identifier, scope: 'openid read' })
    const options = { issuer, typ: 'at+jwt', audience: identifier, currentDate, algorithms: [alg] }
    expect((await jwtVerify(access_token, await jwks(), options)).payload.sub).toBe('alice-1')
  })

  test('OIDC Core §5.3.2: signs userinfo, which is no ID token', async () => {
    const { signIn, request, jwks, issuer, currentDate } = await open()
    const { access_token } = await signIn({ client: `client-${alg}` })
    const response = await request('/userinfo', { headers: { authorization: `Bearer ${access_token}` } })
    expect(response.headers.get('content-type')).toBe('application/jwt')
    const options = { issuer, audience: `client-${alg}`, currentDate, algorithms: [alg] }
    const { payload, protectedHeader } = await jwtVerify(await response.text(), await jwks(), options)
    expect(payload).toMatchObject({ sub: 'alice-1', name: 'Alice Doe' })
    expect(protectedHeader.typ).toBe('userinfo+jwt')
  })
})

test('a key of an algorithm that only a stored client wants is made when it is first needed', async () => {
  const { store, token, code, request } = await testProvider({ clients: [] })
  const { client_secret: _, ...metadata } = clientOf('ES384')
  const stamp = { secretHashes: [], version: 1, createdAt: 0, updatedAt: 0 }
  await store.clients.create({ metadata, ...stamp })
  const algs = async () => ((await (await request('/jwks')).json()) as JSONWebKeySet).keys.map((key) => key.alg)
  expect(await algs()).not.toContain('ES384')
  const { form } = await code({ client: 'client-ES384', redirectUri: 'https://app.example.com/cb' })
  expect((await token('client-ES384', form)).id_token).toEqual(expect.any(String))
  expect(await algs()).toContain('ES384')
})
