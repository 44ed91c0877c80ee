import { type TestBff, type TestBffNode, type TestBrowser, testApi, testBff, testOpaqueApi } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let arrived: { path: string; authorization: string | null }[] = []
let house: TestBff
beforeEach(async () => {
  arrived = []
  house = await testBff({
    lifetimes: { access_token: 60, refresh_token_grace: 0 },
    api(request) {
      arrived.push({ path: new URL(request.url).pathname, authorization: request.headers.get('authorization') })
      return Response.json({ ok: true })
    },
    routes: (api) => [
      { match: '/notes', target: `${api}/notes`, token: 'user', resource: testOpaqueApi },
      { match: '/either', target: `${api}/either`, token: 'userOrClient' },
      { match: '/maybe', target: `${api}/maybe`, token: 'userOrNone', methods: ['GET'] },
      { match: '/jobs', target: `${api}/jobs`, token: 'client' },
    ],
    bff: { scope: 'openid profile email offline_access read:messages read:notes' },
  })
})
afterEach(() => house.close())

const cookieOf = (browser: TestBrowser) => [...browser.cookies].map((pair) => pair.join('=')).join('; ')
const asking = (browser: TestBrowser) => ({ headers: { cookie: cookieOf(browser) } })
const call = (path: string, browser?: TestBrowser, node: TestBffNode = house) =>
  node.bff.handle(
    new Request(house.origin + path, {
      headers: { 'x-csrf': '1', ...(browser === undefined ? {} : { cookie: cookieOf(browser) }) },
    }),
  )
const subjectOf = (authorization: string | null) => decodeJwt(authorization?.slice('Bearer '.length) ?? '').sub
const isMessages = (token: string) => token.startsWith('ey')

describe('features 44: several audiences in one session', () => {
  test('each gets its own token, with one refresh for each and expiry, in two processes, with strict rotation', async () => {
    const browser = await house.signIn()
    const other = house.another()
    house.runtime.clock.advance(60)
    const ask = (node: TestBffNode, resource: string) => node.bff.getUserAccessToken(asking(browser), { resource })
    const asked = Array.from({ length: 40 }, (_, index) => [testApi, testOpaqueApi][index % 2] ?? '')
    const tokens = await Promise.all(asked.map((resource, index) => ask(index % 4 < 2 ? house : other, resource)))
    for (const [index, token] of tokens.entries()) expect(isMessages(token)).toBe(asked[index] === testApi)
    expect(new Set(tokens).size).toBe(2)
    expect(house.refreshes() + other.refreshes()).toBe(2)
    await Promise.all(asked.map((resource) => ask(other, resource)))
    expect(house.refreshes() + other.refreshes()).toBe(2)
  })
  test('a route sends the token of its own audience only', async () => {
    const browser = await house.signIn()
    expect([(await call('/api/x', browser)).status, (await call('/notes', browser)).status]).toEqual([200, 200])
    const [messages, notes] = arrived.map(({ authorization }) => authorization?.slice('Bearer '.length) ?? '')
    expect([isMessages(messages ?? ''), isMessages(notes ?? '')]).toEqual([true, false])
  })
  test('a narrower scope has a token of its own, and its order does not matter', async () => {
    const browser = await house.signIn()
    const ask = (scope?: string) =>
      house.bff.getUserAccessToken(asking(browser), { resource: testApi, ...(scope === undefined ? {} : { scope }) })
    const narrow = await ask('read:messages openid')
    expect(String(decodeJwt(narrow).scope).split(' ').sort()).toEqual(['openid', 'read:messages'])
    expect(await ask('openid read:messages')).toBe(narrow)
    expect(await ask()).not.toBe(narrow)
    expect(house.refreshes()).toBe(1)
  })
  test('an audience that people were never asked for is the developer’s mistake', async () => {
    const browser = await house.signIn()
    const wrong = house.bff.getUserAccessToken(asking(browser), { resource: 'https://other.example.com' })
    await expect(wrong).rejects.toThrow('resources: people were not asked')
  })
  test('taking the access back drops the tokens of every audience', async () => {
    const browser = await house.signIn()
    await call('/notes', browser)
    await house.bff.revokeUserRefreshToken(asking(browser))
    expect([(await call('/api/x', browser)).status, (await call('/notes', browser)).status]).toEqual([401, 401])
  })
  test('a session that was not granted an audience says so with the way to sign in', async () => {
    const before = house.another({ routes: [], clients: {}, scope: 'openid offline_access read:messages' })
    const browser = await house.signIn()
    house.onTheWay = async (_, init, next) =>
      String(init?.body).includes('refresh_token')
        ? Response.json({ error: 'invalid_target' }, { status: 400 })
        : next()
    const answer = await call('/notes', browser)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'access_not_granted', login_url: '/bff/login' })
    expect((await call('/bff/user', browser, before)).status).toBe(200)
  })
})

describe('the application’s own token', () => {
  test('is asked for once however many callers there are, and again after its end', async () => {
    const ask = () => house.bff.clientAccessToken({ resource: testApi })
    const tokens = await Promise.all(Array.from({ length: 20 }, ask))
    expect(new Set(tokens).size).toBe(1)
    expect(decodeJwt(tokens[0] ?? '').sub).toBe('bff')
    house.runtime.clock.advance(60)
    expect(await ask()).not.toBe(tokens[0])
  })
  test('goes along with a route of kind client, nobody signed in', async () => {
    expect((await call('/jobs')).status).toBe(200)
    expect(subjectOf(arrived[0]?.authorization ?? null)).toBe('bff')
  })
  test('stands in on userOrClient until somebody signs in', async () => {
    const browser = await house.signIn()
    await call('/either')
    await call('/either', browser)
    expect(arrived.map(({ authorization }) => subjectOf(authorization))).toEqual(['bff', 'alice-1'])
  })
  test('is used by a typed client: a class or a function that receives the fetch', async () => {
    class Messages {
      readonly fetch: typeof fetch
      constructor(from: typeof fetch) {
        this.fetch = from
      }
      list = () => this.fetch('messages')
    }
    const browser = await house.signIn()
    const typed = house.bff.typedClient(asking(browser), 'apiClient', Messages)
    expect(typed).toBeInstanceOf(Messages)
    const list = house.bff.typedClient(asking(browser), 'apiClient', (from) => () => from('messages'))
    expect([(await typed.list()).status, (await list()).status]).toEqual([200, 200])
    expect((await house.bff.clientAccessTokenFetch('apiClient')('jobs')).status).toBe(200)
    expect(arrived.map(({ authorization }) => subjectOf(authorization))).toEqual(['alice-1', 'alice-1', 'bff'])
  })
})

test('userOrNone sends no token for nobody, and never treats an unreadable session as nobody (features 40)', async () => {
  const browser = await house.signIn()
  expect((await call('/maybe')).status).toBe(200)
  expect(arrived[0]?.authorization).toBeNull()
  const name = `latchkey-${new URL(house.origin).port}`
  const value = browser.cookies.get(name) ?? ''
  const forged = { 'x-csrf': '1', cookie: `${name}=${value.split('.')[0]}.${'A'.repeat(43)}` }
  expect((await house.bff.handle(new Request(`${house.origin}/maybe`, { headers: forged }))).status).toBe(401)
  expect(arrived).toHaveLength(1)
})

test('a method that a route does not name is answered with 405 and never reaches the API', async () => {
  const request = new Request(`${house.origin}/maybe`, { method: 'DELETE', headers: { 'x-csrf': '1' } })
  const answer = await house.bff.handle(request)
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET'])
  expect(arrived).toEqual([])
})

test('a token close to its end is renewed behind the caller’s back, once, while the old one serves', async () => {
  const browser = await house.signIn()
  const first = await house.bff.getUserAccessToken(asking(browser))
  house.runtime.clock.advance(57.5)
  const answers = await Promise.all(Array.from({ length: 10 }, () => house.bff.getUserAccessToken(asking(browser))))
  expect(new Set(answers)).toEqual(new Set([first]))
  const renewed = () => house.events.some(({ type }) => type === 'tokens_renewed')
  for (let round = 0; round < 20_000 && !renewed(); round++) await new Promise(setImmediate)
  expect(await house.bff.getUserAccessToken(asking(browser))).not.toBe(first)
  expect(house.refreshes()).toBe(1)
})

test('a provider that keeps failing is left in peace for a moment, then asked by one caller', async () => {
  const browsers = await Promise.all(Array.from({ length: 8 }, () => house.signIn()))
  house.runtime.clock.advance(60)
  let asked = 0
  house.onTheWay = async (_, init, next) => {
    if (!String(init?.body).includes('refresh_token')) return next()
    asked++
    return new Response('', { status: 503 })
  }
  for (const browser of browsers) {
    const answer = await call('/api/x', browser)
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect(asked).toBe(5)
  house.onTheWay = null
  house.runtime.clock.advance(60)
  const all = await Promise.all(browsers.map((browser) => call('/api/x', browser)))
  expect(all.map(({ status }) => status)).toEqual(Array(8).fill(200))
})
