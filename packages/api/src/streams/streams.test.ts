import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { client, listen, type TestProvider, testApi, testProvider, testRuntime } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { streamApps } from '../adapters/stream-contract.ts'
import { type ApiGuard, createApiGuard } from '../api-guard.ts'
import { requirements } from '../requirements.ts'
import { endOf } from '../token-end.ts'
import { endWebSocket, guardUpgrade } from './web-sockets.ts'

const clientSecret = 'guard-secret-guard-secret-guard'
const reader = { client_id: 'guard', client_secret: clientSecret, grant_types: [], revocation_feed: true }

let runtime: ReturnType<typeof testRuntime>
let idp: TestProvider
let guard: ApiGuard
const closers: (() => unknown)[] = []

beforeEach(async () => {
  runtime = testRuntime()
  const server = await listen((request) => idp.provider.fetch(request))
  idp = await testProvider({ issuer: server.origin, runtime, moreClients: [client(reader)] })
  guard = createApiGuard({
    issuer: server.origin,
    audience: testApi,
    runtime,
    tokenPlaces: ['header', 'query'],
    revocations: { clientId: 'guard', clientSecret },
  })
  await guard.ready()
  closers.push(
    () => guard.close(),
    server.close,
    () => idp.close(),
  )
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const signIn = async () => (await idp.signIn({ scope: 'openid read:messages', resource: testApi })).access_token
const revoke = (token: string) => idp.post('/revoke', 'web', { token })

/** What an API tells of, as it happens. */
function createSource() {
  const waiting = new Set<(data: string) => void>()
  let ended = 0
  async function* source(signal: AbortSignal) {
    try {
      while (!signal.aborted)
        yield { event: 'news', data: await new Promise<string>((resolve) => waiting.add(resolve)) }
    } finally {
      ended++
    }
  }
  const send = (data: string) => {
    for (const resolve of waiting) resolve(data)
    waiting.clear()
  }
  return { source, send, listeners: () => waiting.size, ended: () => ended }
}

/** A stream over a real socket, as far as it has come. */
async function read(origin: string, token: string | undefined) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const request = get(`${origin}/events`, { headers })
  request.on('error', () => {})
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const stream = { text: '', isOver: false, status: response.statusCode, headers: response.headers, request }
  response.setEncoding('utf8').on('data', (chunk: string) => {
    stream.text += chunk
  })
  response.once('close', () => {
    stream.isOver = true
  })
  response.on('error', () => {})
  return stream
}

describe.each(Object.entries(streamApps))('server-sent events on %s', (_name, createApp) => {
  async function open() {
    const news = createSource()
    const app = await createApp(guard, news.source)
    closers.push(app.close)
    return { ...news, origin: app.origin }
  }

  test('a stream carries what happens, and ends with its token: revoked, and nothing after that', async () => {
    const { origin, send, listeners } = await open()
    const token = await signIn()
    const [stream, other] = [await read(origin, token), await read(origin, await signIn())]
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    await expect.poll(listeners).toBe(2)
    send('first\nsecond line')
    await expect.poll(() => stream.text).toContain('event: news\ndata: first\ndata: second line\n\n')
    await revoke(token)
    await expect.poll(() => stream.isOver).toBe(true)
    expect(stream.text).toMatch(/event: token-ended\ndata: revoked\n\n$/)
    await expect.poll(listeners).toBe(2)
    send('too late for one')
    await expect.poll(() => other.text).toContain('too late for one')
    expect(stream.text).not.toContain('too late')
    expect(other.isOver).toBe(false)
    other.request.destroy()
  })

  test('a stream ends with the expiry of its token, and is not silent meanwhile', async () => {
    const { origin, listeners } = await open()
    const stream = await read(origin, await signIn())
    await expect.poll(listeners).toBe(1)
    runtime.clock.advance(15)
    await expect.poll(() => stream.text).toBe(':\n\n')
    runtime.clock.advance(3600 - 15)
    await expect.poll(() => stream.isOver).toBe(true)
    expect(stream.text).toMatch(/event: token-ended\ndata: expired\n\n$/)
  })

  test('a client that goes ends the source', async () => {
    const { origin, send, listeners, ended } = await open()
    const stream = await read(origin, await signIn())
    await expect.poll(listeners).toBe(1)
    stream.request.destroy()
    await expect
      .poll(() => {
        send('to nobody')
        return ended()
      })
      .toBe(1)
  })

  test('without a token there is no stream', async () => {
    const { origin, listeners } = await open()
    const stream = await read(origin, undefined)
    await expect.poll(() => stream.isOver).toBe(true)
    expect([stream.status, listeners()]).toEqual([401, 0])
  })
})

describe('WebSockets', () => {
  async function open() {
    const heard: string[] = []
    const sockets = new WebSocketServer({ noServer: true })
    const server = createServer((_request, response) => void response.end())
    const { requiredScopes } = requirements((requirement) => requirement)
    server.on('upgrade', async (request, socket, head) => {
      const auth = await guardUpgrade(guard, { request, socket }, requiredScopes('read:messages'))
      if (auth === null) return
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        endWebSocket(webSocket, auth)
        webSocket.on('message', (data) => {
          heard.push(String(data))
          webSocket.send(`${auth.payload.sub}: ${String(data)}`)
        })
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => {
      for (const one of sockets.clients) one.terminate()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
    const { port } = server.address() as AddressInfo
    return { port, origin: `ws://127.0.0.1:${port}`, heard }
  }

  async function dial(origin: string, token: string, place: 'header' | 'query' = 'header') {
    const headers = place === 'header' ? { authorization: `Bearer ${token}` } : {}
    const socket = new WebSocket(place === 'query' ? `${origin}/?access_token=${token}` : origin, { headers })
    await once(socket, 'open')
    const echo = async (text: string) => {
      socket.send(text)
      return String((await once(socket, 'message'))[0])
    }
    return { socket, echo, closed: once(socket, 'close') as Promise<[number, Buffer]> }
  }

  test.each(['header', 'query'] as const)(
    'one opens with its token in the %s and closes when that is revoked',
    async (place) => {
      const { origin, heard } = await open()
      const token = await signIn()
      const { closed, echo } = await dial(origin, token, place)
      expect(await echo('hello')).toBe('alice-1: hello')
      await revoke(token)
      const [code, reason] = await closed
      expect([code, String(reason)]).toEqual([4401, 'revoked'])
      expect(heard).toEqual(['hello'])
    },
  )

  test('one closes when its token expires', async () => {
    const { origin } = await open()
    const { closed, echo } = await dial(origin, await signIn())
    await echo('hello')
    runtime.clock.advance(3600)
    const [code, reason] = await closed
    expect([code, String(reason)]).toEqual([4401, 'expired'])
  })

  test('a client that never says goodbye is heard no more and cut off', async () => {
    const { port, heard } = await open()
    const token = await signIn()
    const raw = connect(port, '127.0.0.1')
    let text = ''
    raw.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    raw.on('error', () => {})
    const gone = new Promise<void>((resolve) => void raw.once('close', () => resolve()))
    raw.write(
      `GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nauthorization: Bearer ${token}\r\n\r\n`,
    )
    await expect.poll(() => text).toContain('101 Switching Protocols')
    const frame = (word: string) => Buffer.from([0x81, 0x80 | word.length, 0, 0, 0, 0, ...Buffer.from(word)])
    raw.write(frame('before'))
    await expect.poll(() => heard).toEqual(['before'])
    await revoke(token)
    await expect.poll(() => text).toContain('revoked')
    raw.write(frame('after'))
    runtime.clock.advance(2)
    await gone
    expect(heard).toEqual(['before'])
  })

  test.each<[string, () => Promise<string> | string, number]>([
    ['no token', () => '', 401],
    ['a token that is none', () => 'authorization: Bearer nonsense\r\n', 401],
    ['two tokens', async () => `authorization: Bearer ${await signIn()}\r\nauthorization: Bearer x\r\n`, 400],
    [
      'a token without the scope',
      async () =>
        `authorization: Bearer ${(await idp.signIn({ scope: 'openid', resource: testApi })).access_token}\r\n`,
      403,
    ],
  ])(
    'RFC 6455 §4.2.2: an upgrade with %s is answered as any request, and the connection ends',
    async (_title, lines, status) => {
      const { port } = await open()
      const raw = connect(port, '127.0.0.1')
      let text = ''
      raw.on('data', (chunk) => {
        text += String(chunk)
      })
      raw.on('error', () => {})
      const gone = new Promise<void>((resolve) => void raw.once('close', () => resolve()))
      raw.write(
        `GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n${await lines()}\r\n`,
      )
      await gone
      expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z]`))
      expect(text.toLowerCase()).toContain('www-authenticate: bearer')
      expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status })
    },
  )
})

test('a token that no guard admitted has no end to wait for', () => {
  const auth = { header: { typ: 'at+jwt', alg: 'ES256' }, payload: {}, token: '', scheme: 'Bearer' }
  expect(() => endOf(auth as never)).toThrow('not admitted by a guard')
})
