import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTestBrowser, type TestBff, type TestBrowser, testBff } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** What the API saw of a request. */
interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}
let arrived: Arrived[] = []
let answer: (request: Request) => Response | Promise<Response>
let house: TestBff
beforeEach(async () => {
  arrived = []
  answer = () => Response.json({ ok: true })
  house = await testBff({
    async api(request) {
      const streamed = request.url.includes('/stream')
      const body = streamed ? '' : await request.text()
      arrived.push({ method: request.method, url: request.url, headers: Object.fromEntries(request.headers), body })
      return answer(request)
    },
  })
})
afterEach(() => house.close())

const csrf = { 'x-csrf': '1' }
const call = (browser: TestBrowser, path: string, init: RequestInit = {}) =>
  browser.fetch(house.origin + path, { ...init, headers: { ...csrf, ...init.headers } })
const cookieOf = (browser: TestBrowser) => [...browser.cookies].map((pair) => pair.join('=')).join('; ')

describe('what reaches the API', () => {
  test('the person’s token and nothing that the browser says about who it is', async () => {
    const browser = await house.signIn()
    const request = new Request(`${house.origin}/api/messages?page=2`, {
      headers: {
        ...csrf,
        cookie: cookieOf(browser),
        authorization: 'Bearer forged',
        dpop: 'forged',
        connection: 'x-private',
        'x-private': '1',
        origin: house.origin,
        'x-forwarded-host': 'evil.test',
        'x-request-id': 'abc',
      },
    })
    expect((await house.bff.handle(request)).status).toBe(200)
    const [seen] = arrived
    expect(seen?.url).toMatch(/^http:\/\/[^/]+\/api\/messages\?page=2$/)
    expect(seen?.headers.authorization).toMatch(/^Bearer eyJ/)
    expect(seen?.headers['x-request-id']).toBe('abc')
    expect(seen?.headers['x-forwarded-host']).toBe(new URL(house.origin).host)
    for (const name of ['cookie', 'x-csrf', 'dpop', 'origin', 'x-private'])
      expect(seen?.headers).not.toHaveProperty(name)
  })
  test('a route without token sends none, signed in or not', async () => {
    expect((await call(createTestBrowser(), '/open/news')).status).toBe(200)
    expect((await call(await house.signIn(), '/open/news')).status).toBe(200)
    for (const { headers } of arrived) expect(headers).not.toHaveProperty('authorization')
  })
  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s with its body, type and length', async (method) => {
    const browser = await house.signIn()
    const body = JSON.stringify({ text: 'ä'.repeat(100) })
    await call(browser, '/api/messages', { method, body, headers: { 'content-type': 'application/json' } })
    expect(arrived[0]).toMatchObject({ method, body })
    expect(arrived[0]?.headers['content-type']).toBe('application/json')
    expect(arrived[0]?.headers['content-length']).toBe(String(Buffer.byteLength(body)))
  })
  test('nothing without a session: 401 as a problem', async () => {
    const response = await call(createTestBrowser(), '/api/messages')
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(arrived).toEqual([])
  })
})

describe('the CSRF matrix', () => {
  const refused: readonly (readonly [string, Record<string, string>])[] = [
    ['no header', {}],
    ['another value', { 'x-csrf': '0' }],
    ['a foreign origin', { ...csrf, origin: 'https://evil.test' }],
    ['a null origin', { ...csrf, origin: 'null' }],
    ['another site', { ...csrf, 'sec-fetch-site': 'cross-site' }],
    ['another port of the same host', { ...csrf, 'sec-fetch-site': 'same-site' }],
  ]
  test.each(refused)('every method with %s is refused with 403 and reaches nobody', async (_, headers) => {
    const cookie = cookieOf(await house.signIn())
    const calls = ['/api/messages', '/open/news'].flatMap((path) =>
      ['GET', 'POST', 'DELETE', 'OPTIONS'].map((method) => ({ path, method })),
    )
    for (const { path, method } of [...calls, { path: '/bff/user', method: 'GET' }]) {
      const request = new Request(house.origin + path, { method, headers: { ...headers, cookie } })
      const response = await house.bff.handle(request)
      expect([path, method, response.status]).toEqual([path, method, 403])
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
    expect(arrived).toEqual([])
  })
})

describe('features 54: what comes back', () => {
  test('redirects are handed on unfollowed', async () => {
    answer = () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.test/' } })
    const response = await call(await house.signIn(), '/api/messages')
    expect([response.status, response.headers.get('location')]).toEqual([302, 'https://elsewhere.test/'])
    expect(arrived).toHaveLength(1)
  })
  test('the API can neither set cookies on our origin nor let other origins in', async () => {
    answer = () =>
      new Response('x', {
        headers: {
          'set-cookie': `latchkey-${new URL(house.origin).port}=planted`,
          'clear-site-data': '"cookies"',
          'access-control-allow-origin': 'https://evil.test',
          'access-control-allow-credentials': 'true',
          'x-kept': '1',
        },
      })
    const response = await call(await house.signIn(), '/api/messages')
    expect(response.headers.get('x-kept')).toBe('1')
    for (const name of [
      'set-cookie',
      'clear-site-data',
      'access-control-allow-origin',
      'access-control-allow-credentials',
    ]) {
      expect(response.headers.get(name)).toBeNull()
    }
  })
  test('bodies stream both ways: the answer begins before the request has ended', async () => {
    answer = (request) => new Response(request.body)
    const browser = await house.signIn()
    const sent = new TransformStream<Uint8Array, Uint8Array>()
    const writer = sent.writable.getWriter()
    const init = {
      method: 'POST',
      body: sent.readable,
      duplex: 'half',
      headers: { ...csrf, cookie: cookieOf(browser), 'transfer-encoding': 'chunked' },
    }
    const pending = house.bff.handle(new Request(`${house.origin}/api/stream`, init as RequestInit))
    await writer.write(new TextEncoder().encode('first'))
    const reader = (await pending).body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first')
    await writer.write(new TextEncoder().encode('second'))
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('second')
    await writer.close()
    expect((await reader?.read())?.done).toBe(true)
  })
  test('a long upload passes through without being kept in memory', async () => {
    answer = async (request) => {
      let bytes = 0
      for await (const chunk of request.body ?? []) bytes += chunk.length
      return Response.json({ bytes })
    }
    const chunks = 1024
    const kept = () => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers
    }
    const before = kept()
    const limit = chunks * 32_768
    let growth = Number.POSITIVE_INFINITY
    let sent = 0
    const body = new ReadableStream(
      {
        async pull(controller) {
          await new Promise((resolve) => setImmediate(resolve))
          // The collector gives buffers back in its own time: what stays after many rounds is kept.
          for (let round = 0; sent === chunks && round < 100 && growth > limit; round++) {
            growth = kept() - before
            await new Promise((resolve) => setImmediate(resolve))
          }
          if (sent++ === chunks) controller.close()
          else controller.enqueue(new Uint8Array(65_536))
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { ...csrf, cookie: cookieOf(await house.signIn()), 'transfer-encoding': 'chunked' }
    const init = { method: 'POST', body, duplex: 'half', headers } as RequestInit
    const response = await house.bff.handle(new Request(`${house.origin}/api/stream`, init))
    expect(await response.json()).toEqual({ bytes: chunks * 65_536 })
    expect(growth).toBeLessThanOrEqual(limit)
  })
  test('an API that cannot be reached is a 502 that names no address', async () => {
    const browser = await house.signIn()
    const port = new URL(house.origin).port
    house.onTheWay = (url, _, next) =>
      url.includes('/api') ? Promise.reject(new TypeError(`connect ${port}`)) : next()
    const response = await call(browser, '/api/messages')
    expect(response.status).toBe(502)
    expect(await response.text()).not.toContain('127.0.0.1')
  })
})

describe('RFC 6750 §3.1: a 401 of the API', () => {
  const refuseOnce = () => {
    const refused = new Set<string | null>()
    answer = (request) => {
      const token = request.headers.get('authorization')
      if (refused.size === 0) refused.add(token)
      return refused.has(token) ? new Response('no', { status: 401 }) : Response.json({ ok: true })
    }
  }
  test('brings one renewal and one replay, body included', async () => {
    refuseOnce()
    const browser = await house.signIn()
    expect((await call(browser, '/api/messages', { method: 'POST', body: 'hello' })).status).toBe(200)
    expect(arrived.map(({ body }) => body)).toEqual(['hello', 'hello'])
    expect(house.refreshes()).toBe(1)
  })
  test('of 20 calls at once brings one renewal', async () => {
    refuseOnce()
    const browser = await house.signIn()
    const responses = await Promise.all(Array.from({ length: 20 }, () => call(browser, '/api/messages')))
    expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(house.refreshes()).toBe(1)
  })
  test('that stays comes back as it is, after one attempt more', async () => {
    answer = () => new Response('never', { status: 401, headers: { 'www-authenticate': 'Bearer' } })
    const response = await call(await house.signIn(), '/api/messages')
    expect([response.status, await response.text(), arrived.length]).toEqual([401, 'never', 2])
  })
})

describe('features 54: paths', () => {
  test.each([
    '/api/../admin',
    '/api/%2e%2e/admin',
    '/api/..%2fadmin',
    '/api/..%5cadmin',
    '/api\\..\\admin',
    '/api//admin',
    '//api/admin',
    '/x/../api/admin',
    '/bff/../api/admin',
    '/%2e/bff/user',
    '/api/..;/admin',
  ])('%j is refused with 400 and reaches nobody', async (target) => {
    const headers = { ...csrf, cookie: cookieOf(await house.signIn()) }
    expect(house.bff.owns(target)).toBe(true)
    const response = await house.bff.handle(new Request(`${house.origin}/`, { headers }), target)
    expect(response.status).toBe(400)
    expect(arrived).toEqual([])
  })
  test.each(['/apix', '/API/messages', '/ap', '/', '/x/api', '/assets/a%2fb.js', '/x/../y'])(
    'features 21: %j is not the BFF’s',
    (target) => expect(house.bff.owns(target)).toBe(false),
  )
  test.each(['/bff', '/bff/', '/bff/admin', '/bff/login/x', '/bff/User'])(
    '%j below the BFF’s path is denied',
    async (target) => {
      expect(house.bff.owns(target)).toBe(true)
      expect((await house.bff.handle(new Request(house.origin + target))).status).toBe(404)
    },
  )
  test.each([
    ['POST', '/bff/login'],
    ['POST', '/bff/callback'],
    ['POST', '/bff/user'],
    ['PUT', '/bff/logout'],
  ])('%s %s is no method of that endpoint', async (method, path) => {
    const response = await house.bff.handle(new Request(house.origin + path, { method }))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toMatch(/^GET/)
  })
})
