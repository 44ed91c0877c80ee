import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '@latchkey/protocol'
import { type TestBff, testBff } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bff as nodeBff } from './adapters/node.ts'
import { createFrontEnds, type FrontEndOptions, type FrontEnds } from './front-ends.ts'

let house: TestBff
let arrived: string[]
let fronts: FrontEnds | null = null
let server: Server | null = null
beforeEach(async () => {
  arrived = []
  house = await testBff({
    api(request) {
      arrived.push(`${new URL(request.url).pathname} ${request.headers.has('authorization')}`)
      return Response.json({ ok: true })
    },
  })
})
afterEach(async () => {
  fronts?.close()
  fronts = null
  server?.closeAllConnections()
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)))
  server = null
  await house.close()
})

const other = 'http://other.localhost:6001'

/** The shop and its back office on one host, another shop on its own. */
function threeFronts(baseUrl = house.origin): Record<string, FrontEndOptions> {
  const { routes: given = [], clients: _, ...configured } = house.configured
  const shared = { ...configured, baseUrl, runtime: house.runtime }
  const api = new URL(given[0]?.target ?? '').origin
  const route = (match: string) => ({ match, target: `${api}${match}`, token: 'user' as const })
  return {
    shop: { ...shared, routes: [route('/api')] },
    office: { ...shared, path: '/office', clientId: 'office', routes: [route('/office/api')] },
    other: { ...shared, baseUrl: other, routes: [route('/api')] },
  }
}

const problemsOf = (given: Record<string, FrontEndOptions>): readonly string[] => {
  try {
    createFrontEnds(given).close()
    return []
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)]
  }
}

describe('several front ends', () => {
  const csrf = { 'x-csrf': '1' }
  const ask = async (url: string, headers: Record<string, string> = {}) => {
    fronts ??= createFrontEnds(threeFronts())
    return fronts.handle(new Request(url, { headers: { ...csrf, ...headers } }))
  }

  test('each sign in with their own client, at their own callback, under their own cookie', async () => {
    const logins = ['/bff/login', '/office/bff/login'].map((path) => ask(house.origin + path))
    const [shop, office] = await Promise.all(logins)
    const locations = [shop, office].map((answer) => new URL(answer?.headers.get('location') ?? '').searchParams)
    expect(locations.map((query) => query.get('client_id'))).toEqual(['bff', 'office'])
    expect(locations.map((query) => query.get('redirect_uri'))).toEqual([
      `${house.origin}/bff/callback`,
      `${house.origin}/office/bff/callback`,
    ])
    const cookies = [shop, office].map((answer) => answer?.headers.getSetCookie()[0])
    expect(cookies[0]).toMatch(/^latchkey-shop-\d+-login-/)
    expect(cookies[1]).toMatch(/^latchkey-office-\d+-login-/)
    const elsewhere = await ask(`${other}/bff/login`)
    expect(elsewhere.headers.get('location')).toContain(encodeURIComponent(`${other}/bff/callback`))
  })

  test('know nothing of each other’s sessions, and each answers with its own login', async () => {
    const browser = await house.signIn()
    const value = browser.cookies.get(`latchkey-${new URL(house.origin).port}`)
    const port = new URL(house.origin).port
    const cookie = `latchkey-shop-${port}=${value}; latchkey-office-${port}=x`
    expect((await ask(`${house.origin}/api/x`, { cookie })).status).toBe(200)
    const office = await ask(`${house.origin}/office/api/x`, { cookie })
    expect(office.status).toBe(401)
    expect(await office.json()).toMatchObject({ login_url: '/office/bff/login' })
    expect(arrived).toEqual(['/api/x true'])
  })

  test('the longest path wins by whole segments, and what could be read as another’s is refused', async () => {
    expect((await ask(`${house.origin}/officeapi/x`)).status).toBe(404)
    const front = createFrontEnds(threeFronts())
    expect(front.owns('/office/bff/user', new URL(house.origin).host)).toBe(true)
    expect(front.owns('/office/other', new URL(house.origin).host)).toBe(false)
    const crooked = new Request(house.origin, { headers: csrf })
    expect((await front.handle(crooked, '/office/%2e%2e/api/x')).status).toBe(400)
    front.close()
  })

  test('a host that nobody knows is answered by none of them', async () => {
    const front = createFrontEnds(threeFronts())
    expect(front.owns('/bff/user', 'evil.test')).toBe(true)
    expect(front.owns('/picture.png', 'evil.test')).toBe(false)
    const answer = await front.handle(new Request('http://evil.test/bff/user', { headers: csrf }))
    expect([answer.status, (await answer.json()).code]).toEqual([421, 'unknown_host'])
    front.close()
  })

  test('work behind one door of Node, handlers of the application’s own included', async () => {
    const listening = createServer()
    server = listening
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
    const moved = createFrontEnds(threeFronts(origin))
    fronts = moved
    const own: RequestListener = async (request, response) => {
      response.writeHead((await moved.refuseLocal(request))?.status ?? 204).end()
    }
    listening.on('request', nodeBff(moved, own))
    const browser = await house.signIn()
    const value = browser.cookies.get(`latchkey-${new URL(house.origin).port}`)
    const cookie = `latchkey-shop-${new URL(origin).port}=${value}`
    const status = async (path: string) => (await fetch(origin + path, { headers: { ...csrf, cookie } })).status
    expect(await status('/api/x')).toBe(200)
    expect(await status('/local')).toBe(204)
    expect(await status('/office/local')).toBe(401)
    expect(await status('/office/api/x')).toBe(401)
    expect(
      (await moved.getUserAccessToken({ headers: { host: new URL(origin).host, cookie } })).length,
    ).toBeGreaterThan(9)
    expect(moved.named('office').sessions).toBeDefined()
    expect(() => moved.named('none')).toThrow('known are shop, office, other')
  })
})

test('every problem of all front ends is told at once, under its name', () => {
  const { shop, office } = threeFronts()
  if (shop === undefined || office === undefined) throw new Error('two front ends were asked for')
  const problems = problemsOf({
    shop: { ...shop, clientId: '' },
    office: { ...office, basePath: '/bff' },
    crooked: { ...shop, path: '/x/' },
  })
  expect(problems).toEqual([
    expect.stringContaining('frontEnds.shop.clientId: '),
    expect.stringContaining('frontEnds.office.basePath: "/bff" must stand below'),
    expect.stringContaining('frontEnds.crooked.path: '),
  ])
  expect(problemsOf({ a: shop, b: shop })).toEqual([expect.stringContaining('stands at the same place')])
  const twins = { a: { ...shop, cookie: { name: 'x' } }, b: { ...office, cookie: { name: 'x' } } }
  expect(problemsOf(twins)).toEqual([expect.stringContaining('cookie.name')])
  expect(problemsOf({})).toEqual([expect.stringContaining('at least one')])
})
