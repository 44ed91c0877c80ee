import { inflateSync } from 'node:zlib'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import { client, type TestProviderOptions, testApi, testProvider, testResources, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const listed = testResources.map((resource) => ({ ...resource, access_token_status_list: true }))
const worker = client({
  client_id: 'worker',
  client_secret: 'worker-secret-worker-secret',
  grant_types: ['client_credentials'],
  access_token_status_list: true,
})
const own = { resources: listed, statusLists: { size: 1024 }, moreClients: [worker] }
const start = (options: TestProviderOptions = {}) => testProvider({ ...own, ...options })

type Payload = { readonly jti: string; readonly exp: number; readonly status?: { readonly status_list: Place } }
type Place = { readonly idx: number; readonly uri: string }

function part(token: string | undefined, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[index] ?? '', 'base64url').toString())
}
const payloadOf = (token: string | undefined) => part(token, 1) as unknown as Payload
const placeOf = (token: string | undefined) => payloadOf(token).status?.status_list as Place

type Kit = Awaited<ReturnType<typeof start>>
const get = (idp: Kit, uri: string, headers: Record<string, string> = {}) =>
  idp.provider.fetch(new Request(uri, { headers }))

/** What a list says of an index, read by hand. */
async function statusOf(idp: Kit, { idx, uri }: Place): Promise<number> {
  const { status_list } = part(await (await get(idp, uri)).text(), 1) as { status_list: { lst: string } }
  const bytes = inflateSync(Buffer.from(status_list.lst, 'base64url'))
  return ((bytes[idx >> 3] ?? 0) >> (idx & 7)) & 1
}

const signIn = (idp: Kit) => idp.signIn({ scope: 'openid read:messages', resource: testApi })

describe('which tokens name a list', () => {
  test('those of a resource, or of a client, that asks for it, and no others', async () => {
    const idp = await start({ resources: testResources })
    expect(payloadOf((await signIn(idp)).access_token).status).toBeUndefined()
    const work = { grant_type: 'client_credentials', resource: testApi, scope: 'read:messages' }
    const { access_token } = await idp.token('worker', work)
    const { idx, uri } = placeOf(access_token)
    expect(idx).toSatisfy((index: number) => Number.isInteger(index) && index >= 0 && index < 1024)
    expect(uri).toMatch(/^https:\/\/id\.example\.com\/status-lists\/[\w-]{33}$/)
    await idp.close()
  })

  test('opaque tokens name none', async () => {
    const idp = await start()
    const { access_token } = await idp.signIn({ scope: 'openid' })
    expect(access_token.split('.')).toHaveLength(1)
    await idp.close()
  })

  test('a resource that wants lists where there are none is refused at start', async () => {
    await expect(testProvider({ resources: listed })).rejects.toThrow('switch them on with statusLists')
    const statusLists = { size: 1001, ttl: 0, lifetime: 1 }
    await expect(start({ statusLists })).rejects.toThrow(/size(.|\n)*ttl(.|\n)*multiple of 8(.|\n)*/)
  })
})

describe('indices', () => {
  test('Token Status List §13.2, §13.3: over many tokens, lists and a restart, none is given twice and they follow no order', async () => {
    const runtime = testRuntime()
    const store = createMemoryStore()
    const given: Place[] = []
    for (let node = 0; node < 2; node++) {
      const idp = await start({ runtime, store })
      const work = { grant_type: 'client_credentials', resource: testApi }
      for (let batch = 0; batch < 15; batch++) {
        const tokens = await Promise.all(Array.from({ length: 100 }, () => idp.token('worker', work)))
        given.push(...tokens.map(({ access_token }) => placeOf(access_token)))
      }
      await idp.close()
    }
    expect(new Set(given.map(({ idx, uri }) => `${uri} ${idx}`)).size).toBe(3000)
    expect(new Set(given.map(({ uri }) => uri)).size).toBe(4)
    const steps = given.slice(1, 900).map(({ idx }, at) => idx - (given[at]?.idx ?? 0))
    expect(steps.filter((step) => Math.abs(step) === 1).length).toBeLessThan(30)
  })

  test('two nodes never share a list', async () => {
    const runtime = testRuntime()
    const store = createMemoryStore()
    const [a, b] = [await start({ runtime, store }), await start({ runtime, store })]
    expect(placeOf((await signIn(a)).access_token).uri).not.toBe(placeOf((await signIn(b)).access_token).uri)
    await a.close()
    await b.close()
  })

  test('a list takes tokens in for an hour, and is gone once the last of them has expired', async () => {
    const idp = await start()
    const first = placeOf((await signIn(idp)).access_token)
    idp.clock.advance(3599)
    const last = await signIn(idp)
    expect(placeOf(last.access_token).uri).toBe(first.uri)
    idp.clock.advance(1)
    expect(placeOf((await signIn(idp)).access_token).uri).not.toBe(first.uri)
    idp.clock.advance(payloadOf(last.access_token).exp - idp.clock.now())
    expect(await statusOf(idp, first)).toBe(0)
    idp.clock.advance(1)
    expect((await get(idp, first.uri)).status).toBe(404)
    const { status_lists } = (await (await idp.request('/status-lists')).json()) as { status_lists: string[] }
    expect(status_lists).not.toContain(first.uri)
    await idp.close()
  })
})

describe('the list', () => {
  test('Token Status List §5.1, §8.2: is signed, typed, cached for a moment, and names where all lists are', async () => {
    const idp = await start()
    const { uri } = placeOf((await signIn(idp)).access_token)
    const response = await get(idp, uri)
    expect(response.headers.get('content-type')).toBe('application/statuslist+jwt')
    expect(response.headers.get('cache-control')).toBe('public, max-age=5')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const token = await response.text()
    const now = idp.clock.now()
    expect(part(token, 0)).toMatchObject({ typ: 'statuslist+jwt', alg: 'ES256' })
    expect(part(token, 1)).toMatchObject({
      iss: idp.issuer,
      sub: uri,
      iat: now,
      exp: now + 600,
      ttl: 30,
      status_list: { bits: 1, aggregation_uri: `${idp.issuer}/status-lists` },
    })
    const metadata = (await (await idp.request('/.well-known/openid-configuration')).json()) as Record<string, unknown>
    expect(metadata.status_list_aggregation_endpoint).toBe(`${idp.issuer}/status-lists`)
    expect(await (await idp.request('/status-lists')).json()).toEqual({ status_lists: [uri] })
    const packed = await get(idp, uri, { accept: 'application/statuslist+jwt', 'accept-encoding': 'gzip' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    const unpacked = packed.body?.pipeThrough(new DecompressionStream('gzip')) ?? null
    expect(part(await new Response(unpacked).text(), 1)).toMatchObject({ sub: uri })
    await idp.close()
  })

  test('Token Status List §8.4: the past is not kept, unknown lists are not there, and others may ask nothing else', async () => {
    const idp = await start()
    const { uri } = placeOf((await signIn(idp)).access_token)
    expect((await get(idp, `${uri}?time=1`)).status).toBe(501)
    for (const path of ['/status-lists/nothing', '/status-lists/../jwks%2F', `/status-lists/${'x'.repeat(5000)}`]) {
      expect((await get(idp, idp.issuer + path)).status).toBe(404)
    }
    expect((await idp.request('/status-lists', { method: 'POST' })).status).toBe(405)
    await idp.close()
  })

  test('features 17: says within a second of every way by which a token is taken back, at any node', async () => {
    const runtime = testRuntime()
    const store = createMemoryStore()
    const [idp, other] = [await start({ runtime, store }), await start({ runtime, store })]
    const tokens = []
    for (let index = 0; index < 5; index++) tokens.push(await signIn(idp))
    const [token, family, person, key, kept] = tokens
    const root = await idp.signIn({ scope: 'openid read:messages', resource: testApi, username: 'root' })
    const status = async (one: { access_token: string } | undefined) => {
      runtime.clock.advance(1)
      return statusOf(other, placeOf(one?.access_token))
    }
    for (const one of [...tokens, root]) expect(await status(one)).toBe(0)
    await idp.post('/revoke', 'web', { token: token?.access_token })
    expect([await status(token), await status(kept)]).toEqual([1, 0])
    await idp.post('/revoke', 'web', { token: family?.refresh_token })
    expect([await status(family), await status(kept)]).toEqual([1, 0])
    await idp.provider.endSubject('alice-1')
    expect([await status(person), await status(kept), await status(root)]).toEqual([1, 1, 0])
    await idp.provider.keys.compromise(String(part(key?.access_token, 0).kid))
    expect(await status(root)).toBe(1)
    await idp.close()
    await other.close()
  })

  test('is made at most once a second, however many ask', async () => {
    const store = createMemoryStore()
    let reads = 0
    const read: typeof store.statusLists.read = (id, now) => {
      reads++
      return store.statusLists.read(id, now)
    }
    const idp = await start({ store: { ...store, statusLists: { ...store.statusLists, read } } })
    const { uri } = placeOf((await signIn(idp)).access_token)
    await Promise.all(Array.from({ length: 50 }, () => get(idp, uri)))
    expect(reads).toBe(1)
    idp.clock.advance(1)
    await get(idp, uri)
    expect(reads).toBe(2)
    await idp.close()
  })
})

test('a place is written in the write that issues the token; only a token without a family has one of its own', async () => {
  const store = createMemoryStore()
  let writes = 0
  const enter: typeof store.statusLists.enter = (entry) => {
    writes++
    return store.statusLists.enter(entry)
  }
  const idp = await start({ store: { ...store, statusLists: { ...store.statusLists, enter } } })
  const tokens = await signIn(idp)
  await idp.refresh(tokens)
  expect(writes).toBe(0)
  await idp.token('worker', { grant_type: 'client_credentials', resource: testApi })
  expect(writes).toBe(1)
  await idp.close()
})

test('where lists are off there is no endpoint and metadata names none', async () => {
  const idp = await testProvider()
  expect(idp.provider.metadata.status_list_aggregation_endpoint).toBeUndefined()
  expect((await idp.request('/status-lists')).status).toBe(404)
  await idp.close()
})

test('a store that cannot open a list fails the token request, and nothing is issued without its place', async () => {
  const store = createMemoryStore()
  let isBroken = true
  const open: typeof store.statusLists.open = async (record) => {
    if (isBroken) throw new Error('the disk is full')
    return store.statusLists.open(record)
  }
  const idp = await start({ store: { ...store, statusLists: { ...store.statusLists, open } } })
  const ask = () => idp.post('/token', 'worker', { grant_type: 'client_credentials', resource: testApi })
  expect((await ask()).status).toBe(500)
  isBroken = false
  expect((await ask()).status).toBe(200)
  await idp.close()
})
