import { client, testProvider } from '@latchkey/testing'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'

describe('metadata', () => {
  test('RFC 8414 §2.1: signed_metadata says the same, signed by a published key, and follows a compromised one', async () => {
    const { provider, request, issuer, clock } = await testProvider()
    const read = async () => (await request('/.well-known/oauth-authorization-server')).json()
    const verified = async () => {
      const keys = createLocalJWKSet((await (await request('/jwks')).json()) as JSONWebKeySet)
      const options = { issuer, typ: 'metadata+jwt', currentDate: new Date(clock.now() * 1000) }
      return jwtVerify((await read()).signed_metadata, keys, options)
    }
    const { payload, protectedHeader } = await verified()
    const { iss, iat, ...claims } = payload
    expect(claims).toEqual(provider.metadata)
    expect([iss, iat]).toEqual([issuer, clock.now()])
    await provider.keys.compromise(String(protectedHeader.kid))
    expect((await verified()).protectedHeader.kid).not.toBe(protectedHeader.kid)
  })

  test('RFC 8414 §3.2: metadata is JSON, and no list in it is empty', async () => {
    for (const profile of ['default', 'fapi2'] as const) {
      const { request } = await testProvider(profile === 'fapi2' ? { profile, clients: [], resources: [] } : {})
      for (const name of ['openid-configuration', 'oauth-authorization-server']) {
        const response = await request(`/.well-known/${name}`)
        expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
        const empty = Object.entries(await response.json()).filter(
          ([, value]) => Array.isArray(value) && value.length === 0,
        )
        expect(empty).toEqual([])
      }
    }
  })

  test('RFC 8414 §3.1; OIDC Discovery §4.3: an issuer with a path has both documents at both forms of their address', async () => {
    const issuer = 'https://example.com/id'
    const { provider } = await testProvider({ issuer })
    for (const name of ['openid-configuration', 'oauth-authorization-server']) {
      for (const url of [`${issuer}/.well-known/${name}`, `https://example.com/.well-known/${name}/id`]) {
        const response = await provider.fetch(new Request(url))
        expect(await response.json()).toMatchObject({ issuer, jwks_uri: `${issuer}/jwks` })
      }
      expect((await provider.fetch(new Request(`https://example.com/.well-known/${name}`))).status).toBe(404)
    }
  })

  test('RFC 7518 §3.1; RFC 8725 §3.2: what may be signed and encrypted is listed, and none is not', async () => {
    const { provider } = await testProvider()
    const signing = ['RS256', 'ES256', 'PS256', 'ES384', 'EdDSA']
    for (const name of ['id_token', 'userinfo', 'introspection']) {
      expect(provider.metadata[`${name}_signing_alg_values_supported`]).toEqual(signing)
      expect(provider.metadata[`${name}_encryption_alg_values_supported`]).toEqual(['RSA-OAEP-256', 'ECDH-ES'])
    }
    expect(provider.metadata.subject_types_supported).toEqual(['public', 'pairwise'])
    // @spec OIDC Discovery §3: where the authorization endpoint grants by itself
    expect(provider.metadata.grant_types_supported).toContain('implicit')
    expect(provider.metadata.display_values_supported).toEqual(['page', 'popup', 'touch'])
  })
})

describe('CORS', () => {
  const spa = client({
    client_id: 'cors',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['https://cors.example.com/cb'],
  })
  test.each([
    ['/.well-known/openid-configuration', '*', '*'],
    ['/jwks', '*', '*'],
    ['/token', 'https://cors.example.com', null],
    ['/userinfo', 'https://cors.example.com', null],
    ['/revoke', 'https://cors.example.com', null],
    ['/introspect', null, null],
    ['/authorize', null, null],
    ['/end-session', null, null],
  ])(
    'features 7: %s may be read by a client’s origin (%s) and by a foreign one (%s), never with credentials',
    async (path, own, foreign) => {
      const { request } = await testProvider({ moreClients: [spa] })
      for (const [origin, allowed] of [
        ['https://cors.example.com', own],
        ['https://evil.example', foreign],
      ] as const) {
        for (const method of ['GET', 'POST', 'OPTIONS']) {
          const { headers } = await request(path, { method, headers: { origin } })
          expect(headers.get('access-control-allow-origin')).toBe(allowed)
          expect(headers.get('access-control-allow-credentials')).toBeNull()
        }
      }
    },
  )
})

describe('the key set', () => {
  test('RFC 7517 §5: may be kept for five minutes, and holds no private part', async () => {
    const { request, provider } = await testProvider()
    await provider.keys.rotate('ES256')
    const response = await request('/jwks')
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    const { keys } = (await response.json()) as JSONWebKeySet
    expect(keys).toHaveLength(3)
    for (const key of keys) {
      for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(part)
      expect(key).toMatchObject({ kid: expect.any(String), alg: expect.any(String), use: 'sig' })
    }
  })

  test('a token of another node’s new key is believed at once, because the keys are read again', async () => {
    const here = await testProvider()
    const there = await testProvider({ store: here.store, runtime: here.runtime })
    const signIn = () => here.signIn({ resource: 'https://api.example.com', scope: 'openid' })
    const { kid } = decodeProtectedHeader((await signIn()).access_token)
    await here.provider.keys.compromise(String(kid))
    const { access_token } = await signIn()
    const response = await there.request('/userinfo', { headers: { authorization: `Bearer ${access_token}` } })
    expect(response.status).toBe(200)
  })
})
