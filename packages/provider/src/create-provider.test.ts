import { setImmediate } from 'node:timers/promises'
import { ConfigError } from '@latchkey/protocol'
import {
  client,
  testAccounts,
  testApi,
  testKeyEncryptionKey,
  testProvider,
  testResources,
  testRuntime,
} from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import type { ProviderOptions } from './config.ts'
import { createProvider } from './create-provider.ts'
import { createMemoryStore } from './store/memory-store.ts'

const sound: ProviderOptions = {
  issuer: 'https://id.example.com',
  store: createMemoryStore(),
  accounts: testAccounts([]),
  keyEncryptionKey: testKeyEncryptionKey,
}

async function problemsOf(options: Partial<ProviderOptions>): Promise<readonly string[]> {
  const error = await createProvider({ ...sound, ...options }).catch((reason: unknown) => reason)
  if (!(error instanceof ConfigError)) throw new Error(`expected a ConfigError, got ${String(error)}`)
  return error.problems
}

/** Without mutual TLS, the methods of certificates are not among them. */
const provingMethods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt']

describe('createProvider', () => {
  test('every problem of the configuration is told at once, each with its place', async () => {
    const twice = client({ client_id: 'twice', client_secret: 's', redirect_uris: ['https://a.test/cb'] })
    const { client_secret: _, ...secretless } = { ...twice, client_id: 'secretless' }
    const [api] = testResources
    const problems = await problemsOf({
      issuer: 'http://id.example.com/',
      keyEncryptionKey: new Uint8Array(16),
      lifetimes: { access_token: 0, id_token: 1.5 },
      resources: [...testResources, { ...testResources[0], identifier: 'api#1' } as (typeof testResources)[number]],
      clients: [twice, twice, secretless, { ...twice, client_id: 'lost', resources: ['https://lost.example.com'] }],
    })
    expect(api).toBeDefined()
    const expected = [
      'issuer: use https',
      'issuer: remove the slash',
      'keyEncryptionKey: must be 32 bytes',
      'lifetimes.access_token',
      'lifetimes.id_token',
      'resources[2].identifier: "api#1" must be an absolute URI',
      'resources[2].identifier: "api#1" must not have a fragment',
      'clients[1] ("twice"): client_id is there twice',
      'clients[2] ("secretless"): client_secret is missing',
      'clients[3] ("lost"): resources names "https://lost.example.com"',
    ]
    expect(problems).toHaveLength(expected.length)
    for (const [index, start] of expected.entries()) expect(problems[index]).toContain(start)
  })

  test('idle longer than absolute is refused', async () => {
    const problems = await problemsOf({ lifetimes: { refresh_token_idle: 10, refresh_token_absolute: 5 } })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('refresh_token_idle')
  })

  test('signing keys outlive the process; the private half never stands in the store in the clear', async () => {
    const store = createMemoryStore()
    const first = await testProvider({ store })
    const { access_token } = await first.signIn({ resource: testApi, scope: 'openid' })
    const second = await testProvider({ store })
    const headers = { authorization: `Bearer ${access_token}` }
    expect((await second.request('/userinfo', { headers })).status).toBe(200)
    expect(await (await second.request('/jwks')).json()).toEqual(await (await first.request('/jwks')).json())
    for (const key of await store.keys.list()) {
      expect(key.publicJwk).not.toHaveProperty('d')
      expect(Buffer.from(key.sealedPrivateJwk, 'base64url').toString('latin1')).not.toContain('"d"')
    }
  })

  test('RFC 7517 §5: the published keys are public, named and for signatures', async () => {
    const { request } = await testProvider()
    const { keys } = await (await request('/jwks')).json()
    expect(keys.map((key: { alg: string }) => key.alg)).toEqual(['RS256', 'ES256'])
    for (const key of keys) {
      expect(key).toMatchObject({ use: 'sig', kid: expect.any(String) })
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(key).not.toHaveProperty(secret)
    }
  })

  test('another key-encryption key than the store was made with is said so at start', async () => {
    const store = createMemoryStore()
    await testProvider({ store })
    const problems = await problemsOf({ store, keyEncryptionKey: new Uint8Array(32).fill(9) })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^keyEncryptionKey: .* another key/)
  })

  test('nodes that start at once on one empty store agree on the keys', async () => {
    const store = createMemoryStore()
    const nodes = await Promise.all([testProvider({ store }), testProvider({ store }), testProvider({ store })])
    const kids = await Promise.all(nodes.map(async (node) => (await node.request('/jwks')).text()))
    expect(new Set(kids).size).toBe(1)
  })

  test('features 12: expired rows are deleted by themselves until the provider is closed', async () => {
    const runtime = testRuntime()
    const store = createMemoryStore()
    const kit = await testProvider({
      store,
      runtime,
      lifetimes: { refresh_token_idle: 60, refresh_token_absolute: 60 },
    })
    const { form } = await kit.code()
    await kit.token('web', form)
    runtime.clock.advance(3900)
    await setImmediate()
    runtime.clock.advance(61)
    await kit.close()
    expect(await store.sweep(runtime.now(), 1000)).toBe(0)
    await kit.code({ lifetime: 1 })
    runtime.clock.advance(4000)
    expect(await store.sweep(runtime.now(), 1000)).toBeGreaterThan(0)
  })

  test('metadata follows from the endpoints, grants and client authentication methods', async () => {
    const { provider, request, issuer } = await testProvider()
    const { signed_metadata, ...told } = await (await request('/.well-known/openid-configuration')).json()
    expect(told).toEqual(provider.metadata)
    expect(signed_metadata).toEqual(expect.any(String))
    expect(provider.metadata).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      introspection_endpoint: `${issuer}/introspect`,
      revocation_endpoint: `${issuer}/revoke`,
      end_session_endpoint: `${issuer}/end-session`,
      jwks_uri: `${issuer}/jwks`,
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token', 'client_credentials']),
      token_endpoint_auth_methods_supported: [...provingMethods, 'none'],
      introspection_endpoint_auth_methods_supported: provingMethods,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: expect.arrayContaining(['code']),
      authorization_response_iss_parameter_supported: true,
      scopes_supported: expect.arrayContaining(['openid', 'offline_access', 'read:messages']),
    })
  })
})
