import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bff, bffServer } from '@latchkey/bff/node'
import { type TestBff, testBff } from '@latchkey/testing'
import type { Page } from '@playwright/test'
import { expect, test } from './test.ts'

/** What a page may try with the cookie of a person who is signed in at the BFF. */
const attempts: Readonly<Record<string, (page: Page, target: string) => Promise<string>>> = {
  fetch: (page, target) =>
    page.evaluate(
      (url) =>
        fetch(url, { credentials: 'include', headers: { 'X-CSRF': '1' } }).then(
          (a) => `${a.status}`,
          () => 'failed',
        ),
      target,
    ),
  'fetch without the header': (page, target) =>
    page.evaluate(
      (url) =>
        fetch(url, { credentials: 'include', mode: 'no-cors' }).then(
          (a) => `${a.status}`,
          () => 'failed',
        ),
      target,
    ),
  image: (page, target) =>
    page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const image = new Image()
          image.onload = () => resolve('loaded')
          image.onerror = () => resolve('failed')
          image.src = url
        }),
      target,
    ),
  EventSource: (page, target) =>
    page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const source = new EventSource(url, { withCredentials: true })
          source.onopen = () => {
            source.close()
            resolve('open')
          }
          source.onerror = () => {
            source.close()
            resolve('failed')
          }
        }),
      target,
    ),
  WebSocket: (page, target) =>
    page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url.replace('http', 'ws'))
          socket.onmessage = ({ data }) => {
            socket.close()
            resolve(String(data))
          }
          socket.onclose = () => resolve('failed')
        }),
      target,
    ),
  async form(page, target) {
    const answered = page.waitForResponse((response) => response.url() === target)
    await page.evaluate((url) => {
      const form = document.createElement('form')
      form.method = 'post'
      form.action = url
      document.body.append(form)
      form.submit()
    }, target)
    const status = (await answered).status()
    await page.waitForURL(target)
    return String(status)
  },
}

let house: TestBff
/** Where the pages go: a BFF behind a server of Node's own, so that WebSockets go through. */
let origin: string
let servers: readonly Server[]
let endWebSockets: () => void
let arrived: IncomingHttpHeaders[] = []
let foreign: Readonly<Record<string, string>>

test.beforeAll(async () => {
  // Pages come from real servers: one that a test makes up has no place in the network, and may open no WebSocket.
  const servePage: RequestListener = (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>page')
  const [api, front, sibling] = [createServer(), createServer(), createServer(servePage)]
  servers = [api, front, sibling]
  const target = await originOf(api)
  origin = await originOf(front)
  api.on('request', (request, response) => {
    arrived.push(request.headers)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: hello\n\n')
  })
  api.on('upgrade', (request, socket) => {
    arrived.push(request.headers)
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n\x81\x05hello`, 'latin1')
    socket
      .on('error', () => undefined)
      .on('end', () => socket.end())
      .resume()
  })
  house = await testBff()
  const node = house.another({ baseUrl: origin, routes: [{ match: '/api', target: `${target}/api`, token: 'user' }] })
  front.on('request', bff(node.bff, servePage))
  endWebSockets = bffServer(node.bff, front)
  foreign = {
    'the same origin': origin,
    'a sibling of the same site': await originOf(sibling),
    'a foreign site': origin.replace('127.0.0.1', 'localhost'),
  }
})
test.afterAll(async () => {
  endWebSockets()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await house.close()
})

async function originOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function openPage(page: Page, from: string): Promise<void> {
  const browser = await house.signIn()
  const value = browser.cookies.get(`latchkey-${new URL(house.origin).port}`) ?? ''
  const name = `latchkey-${new URL(origin).port}`
  await page.context().addCookies([{ name, value, url: origin, sameSite: 'Lax' }])
  await page.goto(`${from}/page`)
  arrived = []
}

const allowed: readonly (readonly [string, string, string])[] = [
  ['the same origin', 'fetch', '200'],
  ['the same origin', 'EventSource', 'open'],
  ['the same origin', 'WebSocket', 'hello'],
]

for (const from of ['the same origin', 'a sibling of the same site', 'a foreign site']) {
  for (const [what, attempt] of Object.entries(attempts)) {
    const good = allowed.find(([where, how]) => where === from && how === what)
    test(`features 52: ${what} from ${from} ${good === undefined ? 'never reaches the API' : 'is let through'}`, async ({
      page,
    }) => {
      await openPage(page, foreign[from] ?? '')
      const outcome = await attempt(page, `${origin}/api/messages`)
      expect(arrived).toHaveLength(good === undefined ? 0 : 1)
      if (good !== undefined) expect(outcome).toBe(good[2])
      else expect(['403', '0', 'failed']).toContain(outcome)
    })
  }
}

test('features 54: the paths a browser sends reach the API only where they name it without doubt', async ({ page }) => {
  await openPage(page, origin)
  const paths = [
    '/api/..%2fadmin',
    '/api/%2e%2e%2fadmin',
    '/api//x',
    '/api/x%5c..%5cadmin',
    '/api/%00',
    '/api/..;/admin',
  ]
  for (const path of paths) {
    const status = await page.evaluate(
      (url) => fetch(url, { headers: { 'X-CSRF': '1' } }).then((answer) => answer.status),
      path,
    )
    expect([path, status]).toEqual([path, 400])
  }
  expect(arrived).toEqual([])
})

test('features 54: what a script of the page says of the caller does not reach the API', async ({ page }) => {
  await openPage(page, origin)
  const status = await page.evaluate(async () => {
    const said = [
      'Authorization',
      'DPoP',
      'Forwarded',
      'X-Forwarded-Host',
      'X-Forwarded-For',
      'X-Real-IP',
      'X-Original-URL',
    ]
    const disguised = ['X_Forwarded_Host', 'X-HTTP-Method-Override', 'X_CSRF', 'Sec_Fetch_Site']
    const headers = Object.fromEntries([...said, ...disguised].map((name) => [name, 'evil']))
    return (await fetch('/api/messages', { headers: { ...headers, 'X-CSRF': '1', 'X-Kept': 'kept' } })).status
  })
  expect(status).toBe(200)
  expect(JSON.stringify(arrived)).not.toContain('evil')
  expect(arrived[0]).toMatchObject({ 'x-kept': 'kept', 'x-forwarded-host': new URL(origin).host })
  expect(arrived[0]?.authorization).toMatch(/^Bearer eyJ/)
  expect(arrived[0]).not.toHaveProperty('cookie')
})

test('features 52: an open WebSocket closes with a word when the person signs out elsewhere', async ({ page }) => {
  await openPage(page, origin)
  const closed = page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url)
        socket.onmessage = () => document.body.setAttribute('data-open', 'yes')
        socket.onclose = ({ code, reason }) => resolve(`${code} ${reason}`)
      }),
    `${origin.replace('http', 'ws')}/api/live`,
  )
  await page.waitForSelector('[data-open]')
  await house.bff.sessions.revoke({ sub: 'alice-1' })
  expect(await closed).toBe('1008 the session has ended')
})
