import { systemRuntime } from '@latchkey/protocol/system-runtime'
import {
  client,
  type Listening,
  listen,
  type TestProvider,
  testApi,
  testOpaqueApi,
  testProvider,
  testRuntime,
} from '@latchkey/testing'
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ApiGuard, createApiGuard } from '../api-guard.ts'
import type { ClientIdentity } from '../client-identity.ts'

const clientSecret = 'guard-secret-guard-secret-guard'
let idp: TestProvider
let server: Listening
let guard: ApiGuard | null
let privateKey: CryptoKey

beforeEach(async () => {
  guard = null
  const pair = await generateKeyPair('ES256', { extractable: true })
  privateKey = pair.privateKey as CryptoKey
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }
  const reader = { grant_types: [], resources: [testApi, testOpaqueApi], revocation_feed: true }
  const post = { client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_post' as const }
  const signer = { token_endpoint_auth_method: 'private_key_jwt' as const, jwks: { keys: [jwk] } }
  server = await listen((request) => idp.provider.fetch(request))
  idp = await testProvider({
    issuer: server.origin,
    runtime: testRuntime({ now: Math.floor(systemRuntime.now()) }),
    moreClients: [
      client({ client_id: 'basic', client_secret: clientSecret, ...reader }),
      client({ client_id: 'poster', ...post, ...reader }),
      client({ client_id: 'signer', ...signer, ...reader }),
    ],
  })
})
afterEach(async () => {
  await guard?.close()
  await server.close()
  await idp.close()
})

function identities(): Record<string, ClientIdentity> {
  return {
    client_secret_basic: { clientId: 'basic', clientSecret },
    client_secret_post: { clientId: 'poster', clientSecret, secretMethod: 'client_secret_post' },
    private_key_jwt: { clientId: 'signer', privateKey, keyId: 'k' },
  }
}

async function status(token: string | undefined): Promise<number> {
  const decision = await guard?.authenticate({ authorization: `Bearer ${token}` })
  return decision?.outcome === 'refused' ? decision.refusal.status : 200
}

describe.each(['client_secret_basic', 'client_secret_post', 'private_key_jwt'])('RFC 6749 §2.3: %s', (method) => {
  const setUp = (transport: 'stream' | 'poll') => {
    const identity = identities()[method] as ClientIdentity
    guard = createApiGuard({
      issuer: idp.issuer,
      audience: [testApi, testOpaqueApi],
      runtime: idp.runtime,
      introspection: identity,
      revocations: { ...identity, transport, whenStale: 'refuse' },
    })
  }

  test.each(['stream', 'poll'] as const)('reads snapshot and %s of the feed', async (transport) => {
    const { access_token } = await idp.signIn({ scope: 'read:messages', resource: testApi })
    setUp(transport)
    await guard?.ready()
    expect(await status(access_token)).toBe(200)
    await idp.post('/revoke', 'web', { token: access_token })
    await expect.poll(() => status(access_token)).toBe(401)
  })

  test('introspects', async () => {
    setUp('stream')
    const { access_token } = await idp.signIn({ scope: 'read:notes', resource: testOpaqueApi })
    expect(await status(access_token)).toBe(200)
    expect(await status('made-up')).toBe(401)
  })
})

test('a secret and a key at once, or neither, are refused at start', () => {
  const make = (identity: object) => () =>
    createApiGuard({ issuer: idp.issuer, audience: testApi, revocations: { clientId: 'basic', ...identity } })
  expect(make({})).toThrow('exactly one')
  expect(make({ clientSecret, privateKey })).toThrow('exactly one')
})
