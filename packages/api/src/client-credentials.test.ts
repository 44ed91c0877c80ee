import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { client, listen, type TestProvider, testApi, testProvider, testRuntime } from '@latchkey/testing'
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApiGuard } from './api-guard.ts'
import { clientCredentials, type ServiceOptions } from './client-credentials.ts'

let idp: TestProvider
let requests: string[]
let close: () => Promise<void>
let keys: Awaited<ReturnType<typeof generateKeyPair>>
const clientSecret = 'service-secret-service-secret'

beforeEach(async () => {
  requests = []
  keys = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }
  const server = await listen((request) => {
    requests.push(new URL(request.url).pathname)
    return idp.provider.fetch(request)
  })
  const service = { grant_types: ['client_credentials'], resources: [testApi] }
  idp = await testProvider({
    issuer: server.origin,
    runtime: testRuntime({ now: Math.floor(systemRuntime.now()) }),
    moreClients: [
      client({ client_id: 'service', client_secret: clientSecret, ...service }),
      client({
        client_id: 'signer',
        ...service,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk] },
      }),
    ],
  })
  close = server.close
})
afterEach(async () => {
  await close()
  await idp.close()
})

const service = (options: Partial<ServiceOptions> = { clientSecret }) =>
  clientCredentials({ issuer: idp.issuer, clientId: 'service', runtime: idp.runtime, ...options })
const tokenRequests = () => requests.filter((path) => path === '/token').length

test('RFC 6749 §4.4: fifty callers share one request, and the API accepts the token', async () => {
  const { accessToken } = service()
  const target = { audience: testApi, scope: 'read:messages' }
  const held = await Promise.all(Array.from({ length: 50 }, () => accessToken(target)))
  expect(new Set(held).size).toBe(1)
  expect(tokenRequests()).toBe(1)
  const guard = createApiGuard({ issuer: idp.issuer, audience: testApi, runtime: idp.runtime })
  expect((await guard.authenticate({ authorization: `Bearer ${held[0]}` })).outcome).toBe('admitted')
})

test('features 44: each audience and scope has a token of its own', async () => {
  const { accessToken } = service()
  const read = await accessToken({ audience: testApi, scope: 'read:messages' })
  const write = await accessToken({ audience: testApi, scope: 'write:messages' })
  expect(read).not.toBe(write)
  expect(await accessToken({ audience: testApi, scope: 'read:messages' })).toBe(read)
  expect(tokenRequests()).toBe(2)
})

test('features 32: a token is renewed ahead of its end', async () => {
  const { accessToken } = service()
  const first = await accessToken({ audience: testApi })
  idp.clock.advance(3565)
  expect(await accessToken({ audience: testApi })).toBe(first)
  idp.clock.advance(10)
  expect(await accessToken({ audience: testApi })).not.toBe(first)
})

test('RFC 7523 §2.2: a private key instead of a secret', async () => {
  const signer = service({ clientId: 'signer', privateKey: keys.privateKey as CryptoKey, keyId: 'k' })
  expect(await signer.accessToken({ audience: testApi })).toMatch(/^eyJ/)
})

test('features 21: fetch sends the token to its origin alone', async () => {
  const seen: (string | null)[] = []
  const api = await listen((request) => {
    seen.push(request.headers.get('authorization'))
    return new Response('ok')
  })
  const fetch = service().fetch(idp.issuer, { audience: testApi })
  await fetch(`${api.origin}/`)
  expect(seen).toEqual([null])
  const own = service().fetch(api.origin, { audience: testApi })
  await own(`${api.origin}/`)
  expect(seen[1]).toMatch(/^Bearer eyJ/)
  await api.close()
})

test('a wrong secret and an issuer that is down are thrown, never an empty token', async () => {
  await expect(service({ clientSecret: 'wrong-wrong-wrong' }).accessToken()).rejects.toThrow()
  expect(() => service({})).toThrow('exactly one')
})
