import type { IncomingMessage, RequestListener } from 'node:http'
import { auth } from '@latchkey/api/node'
import { ConfigError } from '@latchkey/protocol'
import { createTestBrowser, type TestBffNode } from '@latchkey/testing'
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, type JWK } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { ask, type NodeHouse, type NodeHouseOptions, nodeHouse } from './node-carrier/test-node-house.ts'
import type { NamedClient } from './options.ts'

const testApi = 'https://api.example.com'

interface Seen {
  readonly url: URL
  readonly proof: string | null
  readonly form: URLSearchParams
  readonly status: number
}

let house: NodeHouse
/** What came to the provider, oldest first. */
let seen: Seen[]
afterEach(() => house.close())

/** A provider that gives this client bound tokens alone, and an API that takes nothing else; both want their nonces. */
async function open(options: Partial<NodeHouseOptions> = {}): Promise<void> {
  seen = []
  let gate: ReturnType<typeof auth> | undefined
  const guarded: RequestListener = async (request, response) => {
    if ((await gate?.(request, response)) === true) response.end('in')
  }
  house = await nodeHouse({
    api: guarded,
    lifetimes: { access_token: 300, refresh_token_grace: 0 },
    client: { dpop_bound_access_tokens: true },
    provider: { requireDpopNonces: true },
    async providerDoor(request, next) {
      const form = new URLSearchParams(request.method === 'POST' ? await request.clone().text() : '')
      const response = await next()
      seen.push({ url: new URL(request.url), proof: request.headers.get('dpop'), form, status: response.status })
      return response
    },
    bff: { dpop: true },
    ...options,
  })
  const nonce = { lifetimeSeconds: 30 }
  const { issuer } = house.provider
  gate = auth({ issuer, audience: testApi, runtime: house.runtime, dpop: { mode: 'required', nonce } })
}

/** A further process whose client `orders` is the API that wants proofs. */
function node(client: Partial<NamedClient> = {}, options: Parameters<NodeHouse['another']>[0] = {}): TestBffNode {
  const { target: baseAddress = '' } = house.configured.routes?.find(({ match }) => match === '/node') ?? {}
  return house.another({ clients: { orders: { baseAddress, ...client } }, ...options })
}
const tokenRequests = (grant: string) => seen.filter(({ form }) => form.get('grant_type') === grant)
const proofOf = ({ headers }: IncomingMessage) => String(headers.dpop)
const keyOf = (proof: string | null) => calculateJwkThumbprint(decodeProtectedHeader(proof ?? '').jwk as JWK)
const schemes = () => new Set(house.arrived.map(({ headers }) => String(headers.authorization).split(' ')[0]))
const nonces = (proofs: readonly (string | null)[]) => proofs.map((proof) => decodeJwt(proof ?? '').nonce)

describe('RFC 9449: a client whose every token is bound', () => {
  test('§5, §10: one key of the session’s is in the authorization request, the exchange, the token and each call', async () => {
    await open()
    const orders = node().bff.userAccessTokenFetch({ headers: await house.headers() }, 'orders')
    expect(await (await orders('list?page=2')).text()).toBe('in')
    const asked = seen.find(({ url }) => url.searchParams.has('dpop_jkt'))?.url.searchParams.get('dpop_jkt')
    const last = house.arrived.at(-1) as IncomingMessage
    const accessToken = String(last.headers.authorization).replace('DPoP ', '')
    expect(decodeJwt(accessToken).cnf).toEqual({ jkt: asked })
    const proofs = [...tokenRequests('authorization_code').map(({ proof }) => proof), proofOf(last)]
    expect(new Set(await Promise.all(proofs.map(keyOf)))).toEqual(new Set([asked]))
    expect(decodeJwt(proofOf(last))).toMatchObject({ htm: 'GET', ath: expect.any(String) })
    expect(decodeJwt(proofOf(last)).htu).toMatch(/\/list$/)
  })

  test('§5: a renewal carries the same key on every node, and forty calls at expiry bring one', async () => {
    await open()
    const request = { headers: await house.headers() }
    const nodes = [node(), node()]
    const call = (one: TestBffNode) => one.bff.userAccessTokenFetch(request, 'orders')('list')
    for (const one of nodes) expect((await call(one)).status).toBe(200)
    house.runtime.clock.advance(300)
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => call(nodes[index % 2] ?? house)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const renewals = tokenRequests('refresh_token')
    expect(renewals.filter(({ status }) => status === 200)).toHaveLength(1)
    const keys = [...renewals, ...tokenRequests('authorization_code')].map(({ proof }) => keyOf(proof))
    expect(new Set(await Promise.all([...keys, ...house.arrived.map((one) => keyOf(proofOf(one)))])).size).toBe(1)
    expect(schemes()).toEqual(new Set(['DPoP']))
  })

  test('features 55: DPoP nonces cached per URL instead of per origin: one refusal teaches all sessions and paths', async () => {
    await open()
    const first = { headers: await house.headers() }
    const second = { headers: await house.headers() }
    // The provider refused one exchange; the second session began with the nonce that the first was given.
    expect(tokenRequests('authorization_code').map(({ status }) => status)).toEqual([400, 200, 200])
    const { bff } = node()
    for (const [request, path] of [...['a', 'b/c'].map((p) => [first, p] as const), [second, 'd?e=f'] as const])
      expect((await bff.userAccessTokenFetch(request, 'orders')(path)).status).toBe(200)
    expect(house.arrived).toHaveLength(4)
    expect(nonces(house.arrived.map(proofOf))[0]).toBeUndefined()
    expect(new Set(nonces(house.arrived.slice(1).map(proofOf))).size).toBe(1)
  })

  test('§8, §9: nonces that have had their time are replaced within a call, at the provider and at the API', async () => {
    await open()
    const orders = node().bff.userAccessTokenFetch({ headers: await house.headers() }, 'orders')
    expect((await orders('x')).status).toBe(200)
    house.runtime.clock.advance(3600)
    const before = house.arrived.length
    expect((await orders('x', { method: 'POST', body: 'again' })).status).toBe(200)
    expect(tokenRequests('refresh_token').map(({ status }) => status)).toEqual([400, 200])
    expect(house.arrived).toHaveLength(before + 2)
  })

  test('features 35: no proof is sent twice, to the provider or to the API', async () => {
    await open()
    const { bff } = node()
    const request = { headers: await house.headers() }
    for (let round = 0; round < 3; round++) {
      await Promise.all(['a', 'b'].map((path) => bff.userAccessTokenFetch(request, 'orders')(path)))
      house.runtime.clock.advance(300)
    }
    const proofs = [...seen.flatMap(({ proof }) => proof ?? []), ...house.arrived.map(proofOf)]
    expect(proofs.length).toBeGreaterThan(9)
    expect(new Set(proofs.map((proof) => decodeJwt(proof).jti)).size).toBe(proofs.length)
  })

  test('§7.1: a bare token is given to nobody, since it is worth nothing without its key', async () => {
    await open()
    const request = { headers: await house.headers() }
    for (const bare of [
      () => house.bff.getUserAccessToken(request),
      () => house.bff.getUserAccessToken(request, { dpop: false }),
      () => house.bff.clientAccessToken({ resource: testApi }),
    ]) {
      await expect(bare()).rejects.toThrow(ConfigError)
      await expect(bare()).rejects.toThrow('call the API by the fetch of a client')
    }
    expect(house.arrived).toHaveLength(0)
  })

  test('routes and typed clients need nothing said of their own, and the application’s own token is bound too', async () => {
    await open()
    const headers = await house.headers()
    const { bff } = node()
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(200)
    expect((await bff.typedClient({ headers }, 'orders', (from) => from)('x')).status).toBe(200)
    expect((await bff.clientAccessTokenFetch('orders')('x')).status).toBe(200)
    expect(schemes()).toEqual(new Set(['DPoP']))
  })

  test('the key survives a new session id and leaves the server in no readable form', async () => {
    await open()
    const request = { headers: await house.headers() }
    const [cookie = ''] = (await house.bff.sessions.renewId(request)).split(';')
    expect((await node().bff.userAccessTokenFetch({ headers: { cookie } }, 'orders')('x')).status).toBe(200)
    house.runtime.clock.advance(300)
    expect((await node().bff.userAccessTokenFetch({ headers: { cookie } }, 'orders')('x')).status).toBe(200)
    const proofs = seen.flatMap(({ proof }) => proof ?? [])
    expect(new Set(await Promise.all(proofs.map(keyOf))).size).toBe(1)
    const rows = await house.store.list({ sub: 'alice-1' }, { limit: 10, now: house.runtime.now() })
    expect(JSON.stringify(rows)).not.toMatch(/"(crv|d)\\?"|eyJ[\w-]+\.eyJ/)
  })
})

describe('RFC 9449: bound tokens where the client may have others too', () => {
  test('a named client says so for itself, and other tokens stay as they are', async () => {
    await open({ client: {}, bff: {} })
    const { bff } = node({ dpop: true })
    const request = { headers: await house.headers() }
    expect((await bff.userAccessTokenFetch(request, 'orders')('x')).status).toBe(200)
    expect((await bff.clientAccessTokenFetch('orders')('x')).status).toBe(200)
    expect(schemes()).toEqual(new Set(['DPoP']))
    expect(decodeJwt(await bff.getUserAccessToken(request))).not.toHaveProperty('cnf')
    await expect(bff.getUserAccessToken(request, { dpop: true })).rejects.toThrow('dpop: a bound token needs a proof')
  })

  test('§5: where the provider binds all of a session with its first, the others are renewed with a proof and sent with one', async () => {
    await open({ client: {}, bff: {} })
    const headers = await house.headers()
    expect((await node({ dpop: true }).bff.userAccessTokenFetch({ headers }, 'orders')('x')).status).toBe(200)
    // Still the bearer token of the sign-in: refused, renewed, and proven in the second attempt.
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(200)
    expect([...schemes()]).toEqual(['DPoP', 'Bearer'])
    house.runtime.clock.advance(300)
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(200)
    expect((await node().bff.userAccessTokenFetch({ headers }, 'orders')('x')).status).toBe(200)
    await expect(house.bff.getUserAccessToken({ headers })).rejects.toThrow(ConfigError)
    expect((await node().bff.handle(new Request(`${house.origin}/bff/user`, { headers }))).status).toBe(200)
  })

  test('where it is switched on or off, the sessions that are there and sign-ins under way go on', async () => {
    await open({ client: {}, bff: {} })
    const [bound, plain] = [node({}, { dpop: true }), node()]
    const before = { headers: await house.headers() }
    expect((await bound.bff.userAccessTokenFetch(before, 'orders')('x')).status).toBe(200)
    for (const [from, to] of [[bound, plain] as const, [plain, bound] as const]) {
      const request = await signInAcross(from, to)
      expect((await to.bff.userAccessTokenFetch(request, 'orders')('x')).status).toBe(200)
    }
    expect(schemes()).toEqual(new Set(['DPoP']))
  })

  test('RFC 8693: a bound token of the person’s is exchanged for one that is bound to the key that proves it', async () => {
    const grant = 'urn:ietf:params:oauth:grant-type:token-exchange'
    const orders = 'https://orders.example.com'
    const resource = (identifier: string, scopes: string[]) => ({
      ...{ identifier, name: identifier, scopes, access_token_format: 'jwt' as const },
      access_token_signing_alg: 'ES256' as const,
    })
    await open({
      api: (_, response) => void response.end('ok'),
      client: {
        ...{ dpop_bound_access_tokens: true, grant_types: ['authorization_code', 'refresh_token', grant] },
        ...{ resources: [testApi, orders], scope: 'openid profile email offline_access read:messages orders:read' },
      },
      provider: { resources: [resource(testApi, ['read:messages']), resource(orders, ['orders:read'])] },
      route: { token: 'exchange', resource: orders, scope: 'orders:read' },
    })
    expect((await ask(`${house.door}/node/x`, { headers: await house.headers() })).status).toBe(200)
    const [last] = house.arrived as [IncomingMessage]
    const jkt = await keyOf(proofOf(last))
    const accessToken = String(last.headers.authorization).replace(/^DPoP /, '')
    expect(decodeJwt(accessToken)).toMatchObject({ sub: 'alice-1', aud: orders, cnf: { jkt } })
  })

  test('a client that asks for it nowhere gets no session at a provider that insists', async () => {
    await open({ bff: {} })
    await expect(house.headers()).rejects.toThrow('signing in failed')
  })
})

/** A sign-in that begins at one node and ends at another. */
async function signInAcross(from: TestBffNode, to: TestBffNode) {
  const login = await from.bff.handle(new Request(`${house.origin}/bff/login`))
  const browser = createTestBrowser()
  const stopAt = (url: string) => url.startsWith(`${house.origin}/bff/callback`)
  let { url } = await browser.open(login.headers.get('location') ?? '', { stopAt })
  const init = {
    method: 'POST',
    body: new URLSearchParams({ username: 'alice' }),
    headers: { origin: new URL(url).origin },
  }
  url = (await browser.open(`${url}/sign-in`, { init, stopAt })).url
  const cookie = String(login.headers.get('set-cookie')).split(';')[0] ?? ''
  const back = `${house.origin}/bff/callback/same-site${new URL(url).search}`
  const done = await to.bff.handle(new Request(back, { headers: { cookie } }))
  const session = done.headers.getSetCookie().find((set) => set.includes('latchkey-') && !set.includes('Max-Age=0'))
  return { headers: { cookie: session?.split(';')[0] ?? '' } }
}
