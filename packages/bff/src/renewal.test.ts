import { createTestBrowser, type TestBff, type TestBffNode, type TestBrowser, testBff } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let house: TestBff
beforeEach(async () => {
  house = await testBff({ lifetimes: { access_token: 60 } })
})
afterEach(() => house.close())

const call = (browser: TestBrowser, node: TestBffNode = house, signal?: AbortSignal): Promise<Response> => {
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
  const init = { headers: { cookie, 'x-csrf': '1' }, ...(signal === undefined ? {} : { signal }) }
  return node.bff.handle(new Request(`${house.origin}/api/messages`, init))
}
const statuses = async (calls: readonly Promise<Response>[]) => (await Promise.all(calls)).map(({ status }) => status)
const twenty = (make: () => Promise<Response>) => Array.from({ length: 20 }, make)
const isRefresh = (init: RequestInit | undefined) => String(init?.body).includes('grant_type=refresh_token')

/** A gate in front of the provider's answer to a refresh. */
function holdRefresh(node: TestBffNode) {
  const arrived = Promise.withResolvers<void>()
  const open = Promise.withResolvers<void>()
  node.onTheWay = async (_, init, next) => {
    if (!isRefresh(init)) return next()
    const answer = await next()
    arrived.resolve()
    await open.promise
    return answer
  }
  return { arrived: arrived.promise, open: open.resolve }
}

describe('renewal', () => {
  test('20 parallel calls after expiry bring exactly one refresh and 20 answers of 200', async () => {
    const browser = await house.signIn()
    house.runtime.clock.advance(60)
    expect(await statuses(twenty(() => call(browser)))).toEqual(Array(20).fill(200))
    expect(house.refreshes()).toBe(1)
  })

  test('features 45: two processes with one store bring one refresh, and the waiter uses the winner’s token', async () => {
    const browser = await house.signIn()
    const other = house.another()
    house.runtime.clock.advance(60)
    const both = [...twenty(() => call(browser)), ...twenty(() => call(browser, other))]
    expect(await statuses(both)).toEqual(Array(40).fill(200))
    expect(house.refreshes() + other.refreshes()).toBe(1)
  })

  test('features 26: a waiter in another process waits as long as a slow provider takes, past the lease’s length', async () => {
    const browser = await house.signIn()
    const other = house.another()
    house.runtime.clock.advance(60)
    const gate = holdRefresh(house)
    const first = call(browser)
    await gate.arrived
    const second = call(browser, other)
    for (let second = 0; second < 25; second++) {
      house.runtime.clock.advance(1)
      await turns()
    }
    expect(other.refreshes()).toBe(0)
    gate.open()
    expect(await statuses([first, second])).toEqual([200, 200])
    expect(house.refreshes() + other.refreshes()).toBe(1)
  })

  test('a process that dies while renewing keeps the others waiting for one lease only', async () => {
    const browser = await house.signIn()
    house.runtime.clock.advance(60)
    const [row] = await house.store.list({ sub: 'alice-1' }, { limit: 1, now: house.runtime.now() })
    if (row === undefined) throw new Error('no session')
    await house.store.claimRefresh(row.hash, row.version, { now: house.runtime.now(), leaseSeconds: 10 })
    const waiting = call(browser)
    for (let tenth = 0; tenth < 101; tenth++) {
      house.runtime.clock.advance(0.1)
      await turns()
    }
    expect((await waiting).status).toBe(200)
  })

  test('features 47: the first caller’s disconnect neither cancels the refresh nor loses the rotated token', async () => {
    const browser = await house.signIn()
    house.runtime.clock.advance(60)
    const gate = holdRefresh(house)
    const leaving = new AbortController()
    const first = call(browser, house, leaving.signal)
    await gate.arrived
    const second = call(browser)
    leaving.abort()
    gate.open()
    expect((await second).status).toBe(200)
    await first
    expect(house.refreshes()).toBe(1)
    house.onTheWay = null
    house.runtime.clock.advance(60)
    expect((await call(browser)).status).toBe(200)
  })

  test('features 48: a session that ends while its tokens are renewed stays ended, and the new token is taken back', async () => {
    const browser = await house.signIn()
    house.runtime.clock.advance(60)
    const gate = holdRefresh(house)
    const renewing = call(browser)
    await gate.arrived
    await house.store.revoke({ sub: 'alice-1' }, house.runtime.now())
    gate.open()
    expect((await renewing).status).toBe(401)
    expect((await call(browser)).status).toBe(401)
    const revoked = () => house.provider.events.some(({ type }) => type === 'token.revoked')
    for (let round = 0; round < 200 && !revoked(); round++) await turns()
    expect(revoked()).toBe(true)
  })
})

test('taking the access back during a renewal waits for it and takes back what it brought', async () => {
  const browser = await house.signIn()
  house.runtime.clock.advance(60)
  const gate = holdRefresh(house)
  const renewing = call(browser)
  await gate.arrived
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
  const revoking = house.bff.revokeUserRefreshToken({ headers: { cookie } })
  await turns()
  gate.open()
  expect((await renewing).status).toBe(200)
  await revoking
  expect((await call(browser)).status).toBe(401)
  expect(house.refreshes()).toBe(1)
})

describe('features 46: what does not end the session', () => {
  const faults: readonly (readonly [string, () => Promise<Response>])[] = [
    ['a 500 with a page', async () => new Response('<h1>oops</h1>', { status: 500 })],
    ['a 503', async () => Response.json({ error: 'temporarily_unavailable' }, { status: 503 })],
    ['a 429', async () => new Response('slow down', { status: 429, headers: { 'retry-after': '7' } })],
    ['a network failure', async () => Promise.reject(new TypeError('fetch failed'))],
    ['invalid_client', async () => Response.json({ error: 'invalid_client' }, { status: 401 })],
    ['invalid_request', async () => Response.json({ error: 'invalid_request' }, { status: 400 })],
    ['an answer that is no JSON', async () => new Response('hello')],
  ]
  test.each(faults)('%s', async (_, fault) => {
    const browser = await house.signIn()
    house.runtime.clock.advance(60)
    house.onTheWay = (_url, init, next) => (isRefresh(init) ? fault() : next())
    const failed = await call(browser)
    expect([502, 503]).toContain(failed.status)
    expect(failed.headers.get('content-type')).toBe('application/problem+json')
    house.onTheWay = null
    house.runtime.clock.advance(10)
    expect((await call(browser)).status).toBe(200)
  })

  test('while the provider is away a token that is still valid is served', async () => {
    const browser = await house.signIn()
    house.runtime.clock.advance(58.5)
    house.onTheWay = (_, init, next) => (isRefresh(init) ? Promise.reject(new TypeError('fetch failed')) : next())
    expect((await call(browser)).status).toBe(200)
    house.runtime.clock.advance(2)
    const failed = await call(browser)
    expect(failed.status).toBe(503)
    expect(Number(failed.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('a 429 is answered with the provider’s own Retry-After, and not asked again before', async () => {
    const browser = await house.signIn()
    house.runtime.clock.advance(60)
    house.onTheWay = async (_, init, next) =>
      isRefresh(init) ? new Response('', { status: 429, headers: { 'retry-after': '7' } }) : next()
    expect((await call(browser)).headers.get('retry-after')).toBe('7')
    await call(browser)
    expect(house.refreshes()).toBe(1)
  })

  test('invalid_grant for a token that someone else has renewed meanwhile', async () => {
    const browser = await house.signIn()
    const other = house.another()
    house.runtime.clock.advance(60)
    const [row] = await house.store.list({ sub: 'alice-1' }, { limit: 1, now: house.runtime.now() })
    if (row === undefined) throw new Error('no session')
    house.onTheWay = async (_, init, next) => {
      if (!isRefresh(init)) return next()
      // This process was paused past its lease: the other one renewed, and our token is refused as reused.
      house.onTheWay = null
      await house.store.releaseRefresh(row.hash, 1)
      expect((await call(browser, other)).status).toBe(200)
      return Response.json({ error: 'invalid_grant' }, { status: 400 })
    }
    expect((await call(browser)).status).toBe(200)
    expect((await call(browser, other)).status).toBe(200)
  })
})

test('features 46: invalid_grant for a process that lost its lease to another one ends nothing', async () => {
  const browser = await house.signIn()
  const other = house.another()
  house.runtime.clock.advance(60)
  const [row] = await house.store.list({ sub: 'alice-1' }, { limit: 1, now: house.runtime.now() })
  if (row === undefined) throw new Error('no session')
  const gate = holdRefresh(other)
  let winner = Promise.resolve(new Response(null, { status: 418 }))
  house.onTheWay = async (_, init, next) => {
    if (!isRefresh(init)) return next()
    await house.store.releaseRefresh(row.hash, 1)
    winner = call(browser, other)
    await gate.arrived
    return Response.json({ error: 'invalid_grant' }, { status: 400 })
  }
  const loser = call(browser)
  await gate.arrived
  await turns()
  gate.open()
  expect(await statuses([loser, winner])).toEqual([200, 200])
  expect(house.events.filter(({ type }) => type === 'session_ended')).toEqual([])
  house.onTheWay = null
  house.runtime.clock.advance(1)
  expect((await call(browser)).status).toBe(200)
})

test('invalid_grant with the stored token unmoved ends the session with 401, and only this one', async () => {
  const browser = await house.signIn()
  const elsewhere = await house.signIn()
  house.runtime.clock.advance(60)
  house.onTheWay = async (_, init, next) =>
    isRefresh(init) ? Response.json({ error: 'invalid_grant' }, { status: 400 }) : next()
  expect((await call(browser)).status).toBe(401)
  house.onTheWay = null
  expect((await call(browser)).status).toBe(401)
  expect((await call(elsewhere)).status).toBe(200)
  expect(house.events.filter(({ type }) => type === 'session_ended')).toHaveLength(1)
})

test('a forced renewal brings another token, a rejected one that was replaced already brings no request', async () => {
  const browser = await house.signIn()
  const request = new Request(house.origin, {
    headers: { cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; ') },
  })
  const first = await house.bff.getUserAccessToken(request)
  const second = await house.bff.getUserAccessToken(request, { forceRenewal: true })
  expect(second).not.toBe(first)
  expect(await house.bff.getUserAccessToken(request, { rejected: first })).toBe(second)
  expect(house.refreshes()).toBe(1)
})

test('without a session the error names what to do and becomes a 401 problem', async () => {
  const error = await house.bff.getUserAccessToken(new Request(house.origin)).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'not_signed_in' })
  const response = house.bff.problemResponse(error)
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ status: 401, code: 'not_signed_in' })
  expect((await call(createTestBrowser())).status).toBe(401)
})

/** Lets everything that is ready run, the network on loopback included. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
