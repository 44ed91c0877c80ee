import { systemRuntime } from '@latchkey/protocol/system-runtime'
import {
  client,
  type Listening,
  listen,
  type TestProvider,
  testApi,
  testProvider,
  testRuntime,
} from '@latchkey/testing'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ApiGuard, createApiGuard } from './api-guard.ts'
import { clientCredentials, type ServiceOptions } from './client-credentials.ts'
import { fetchRequest } from './fetch-request.ts'

const clientSecret = 'backend-secret-backend-secret'
const orders = 'https://orders.example.com'
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const api = (identifier: string, scopes: string[]) => ({
  identifier,
  name: identifier,
  scopes,
  access_token_format: 'jwt' as const,
  access_token_signing_alg: 'ES256' as const,
})

let idp: TestProvider
let grants: string[]
let proofs: string[]
let listening: Listening[]

async function start(requireDpopNonces: boolean): Promise<void> {
  const backend = { grant_types: ['client_credentials', exchangeGrant], resources: [testApi, orders] }
  const server = await listen(async (request) => {
    if (request.url.endsWith('/token')) {
      grants.push(new URLSearchParams(await request.clone().text()).get('grant_type') ?? '')
      proofs.push(request.headers.get('dpop') ?? '')
    }
    return idp.provider.fetch(request)
  })
  listening.push(server)
  idp = await testProvider({
    issuer: server.origin,
    runtime: testRuntime({ now: Math.floor(systemRuntime.now()) }),
    resources: [api(testApi, ['read:messages']), api(orders, ['orders:read', 'read:messages'])],
    requireDpopNonces,
    moreClients: [
      client({ client_id: 'backend', client_secret: clientSecret, scope: 'orders:read', ...backend }),
      client({
        client_id: 'posts',
        client_secret: clientSecret,
        token_endpoint_auth_method: 'client_secret_post',
        ...backend,
      }),
    ],
  })
}

/** The API that is called: answers who the token speaks of. */
async function ordersApi(options: Partial<Parameters<typeof createApiGuard>[0]> = {}) {
  const seen: Request[] = []
  const guard: ApiGuard = createApiGuard({ issuer: idp.issuer, audience: orders, runtime: idp.runtime, ...options })
  const server = await listen(async (request) => {
    seen.push(request)
    const decision = await guard.authenticate(fetchRequest(request))
    if (decision.outcome === 'refused') {
      return new Response(decision.refusal.body, { status: decision.refusal.status, headers: decision.refusal.headers })
    }
    if (decision.outcome === 'anonymous') return new Response(null, { status: 500 })
    const headers = { ...decision.headers }
    return Response.json({ sub: decision.auth.payload.sub, body: await request.text() }, { headers })
  })
  listening.push(server)
  return { origin: server.origin, seen }
}

beforeEach(async () => {
  grants = []
  proofs = []
  listening = []
  await start(false)
})
afterEach(async () => {
  await Promise.all(listening.map((server) => server.close()))
  await idp.close()
})

const service = (options: Partial<ServiceOptions> = {}) =>
  clientCredentials({ issuer: idp.issuer, clientId: 'backend', clientSecret, runtime: idp.runtime, ...options })
const signIn = async () => (await idp.signIn({ scope: 'openid read:messages', resource: testApi })).access_token ?? ''
const jtiOf = (request: Request) => decodeJwt(request.headers.get('dpop') ?? '').jti

test('RFC 6749 §2.3.1: the secret in the body, for a client that is registered so', async () => {
  const token = await service({ clientId: 'posts', secretMethod: 'client_secret_post' }).accessToken({
    audience: orders,
  })
  expect(decodeJwt(token).client_id).toBe('posts')
})

describe('DPoP', () => {
  test('RFC 9449 §5, §7.1: tokens are bound to one key, and each request has a proof of its own', async () => {
    const { origin, seen } = await ordersApi({ dpop: { mode: 'required' } })
    const fetch = service({ dpop: true }).fetch(origin, { audience: orders })
    for (const body of ['one', 'two']) {
      const response = await fetch(`${origin}/orders?page=1`, { method: 'POST', body })
      expect(await response.json()).toEqual({ sub: 'backend', body })
    }
    expect(seen.map((request) => request.headers.get('authorization')?.split(' ')[0])).toEqual(['DPoP', 'DPoP'])
    expect(new Set(seen.map(jtiOf)).size).toBe(2)
    expect(grants).toEqual(['client_credentials'])
  })

  test('RFC 9449 §8, §9: provider and API each get their own nonce, by one request more and never a new token', async () => {
    await idp.close()
    await start(true)
    const { origin, seen } = await ordersApi({ dpop: { mode: 'required', nonce: { lifetimeSeconds: 120 } } })
    const fetch = service({ dpop: true }).fetch(origin, { audience: orders })
    expect((await fetch(new Request(`${origin}/orders`, { method: 'POST', body: 'kept' }))).status).toBe(200)
    expect((await fetch(`${origin}/orders`)).status).toBe(200)
    expect(seen).toHaveLength(3)
    expect(proofs).toHaveLength(2)
    const [first = '', second = ''] = proofs
    expect(decodeJwt(first).nonce).toBeUndefined()
    expect(decodeJwt(second).nonce).toBeTypeOf('string')
    expect(decodeJwt(second).jti).not.toBe(decodeJwt(first).jti)
    expect(decodeJwt(seen[1]?.headers.get('dpop') ?? '').nonce).not.toBe(decodeJwt(second).nonce)
  })

  test('RFC 9449 §4.2: a key pair of one’s own, and the proof tells the time of our clock', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    const token = await service({ dpop: pair }).accessToken({ audience: orders })
    const { jwk } = decodeProtectedHeader(proofs[0] ?? '')
    expect(jwk).toMatchObject({ x: (await crypto.subtle.exportKey('jwk', pair.publicKey)).x })
    expect(decodeJwt(proofs[0] ?? '').iat).toBe(Math.floor(idp.clock.now()))
    expect(decodeJwt(token).cnf).toHaveProperty('jkt')
  })

  test('RFC 9449 §5: a token that the provider did not bind is not taken for a bound one', async () => {
    const unbound: typeof idp.runtime = {
      ...idp.runtime,
      fetch: async (input, init) => {
        const response = await idp.runtime.fetch(input, init)
        if (!String(input).endsWith('/token')) return response
        return Response.json({ ...((await response.json()) as object), token_type: 'Bearer' })
      },
    }
    await expect(service({ dpop: true, runtime: unbound }).accessToken({ audience: orders })).rejects.toThrow(
      'token_type is not DPoP',
    )
  })
})

describe('in the name of the user', () => {
  test('RFC 8693 §2: the next API sees the person; fifty calls share one exchange', async () => {
    const { origin } = await ordersApi()
    const caller = service().onBehalfOf(await signIn())
    const fetch = caller.fetch(origin, { audience: orders, scope: 'orders:read' })
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(origin)))
    for (const answer of answers) expect(await answer.json()).toMatchObject({ sub: 'alice-1' })
    expect(grants.filter((grant) => grant === exchangeGrant)).toHaveLength(1)
  })

  test('features 44: each subject token, audience and scope has a token of its own', async () => {
    const [one, two] = [await signIn(), await signIn()]
    const backend = service()
    const target = { audience: orders, scope: 'orders:read' }
    const first = await backend.onBehalfOf(one).accessToken(target)
    expect(await backend.onBehalfOf(one).accessToken(target)).toBe(first)
    const others = [
      await backend.onBehalfOf(two).accessToken(target),
      await backend.onBehalfOf(one).accessToken({ audience: orders, scope: 'read:messages' }),
      await backend.accessToken({ audience: orders, scope: 'orders:read' }),
    ]
    expect(new Set([first, ...others]).size).toBe(4)
  })

  test('RFC 8693 §2.2.1: nothing is kept past the end of the subject token', async () => {
    const subject = await signIn()
    const backend = service()
    const end = (decodeJwt(subject).exp ?? 0) - idp.clock.now()
    await backend.onBehalfOf(subject).accessToken({ audience: orders })
    const held = await backend.onBehalfOf(subject).tokens({ audience: orders }).get()
    expect(held?.expiresAt).toBeLessThanOrEqual(decodeJwt(subject).exp ?? 0)
    idp.clock.advance(end)
    const asked = grants.length
    await expect(backend.onBehalfOf(subject).accessToken({ audience: orders })).rejects.toThrow('has ended')
    expect(grants).toHaveLength(asked)
  })

  test('an end that the caller knows counts for opaque tokens too', async () => {
    const backend = service()
    const options = { expiresAt: idp.clock.now() + 60 }
    const caller = backend.onBehalfOf(await signIn(), options)
    expect((await caller.tokens({ audience: orders }).get())?.expiresAt).toBe(options.expiresAt)
  })

  test('RFC 8693 §2.2.2: what the provider refuses is thrown with its error', async () => {
    const caller = service().onBehalfOf('made-up')
    await expect(caller.accessToken({ audience: orders })).rejects.toMatchObject({ oauthError: 'invalid_request' })
  })

  test('RFC 9449 §5: exchanged tokens are bound to the service’s key', async () => {
    const { origin } = await ordersApi({ dpop: { mode: 'required' } })
    const fetch = service({ dpop: true })
      .onBehalfOf(await signIn())
      .fetch(origin, { audience: orders })
    expect(await (await fetch(origin)).json()).toMatchObject({ sub: 'alice-1' })
  })
})
