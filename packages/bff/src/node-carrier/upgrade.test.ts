import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bff } from '../adapters/node.ts'
import { webSocketAccept } from '../crypto.ts'
import { closeFrame } from './frames.ts'
import { type NodeHouse, nodeHouse, raw } from './test-node-house.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
/** What the API does with a handshake; agrees and sends everything back unless a test says otherwise. */
let onUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void
let asked: IncomingMessage[]
let house: NodeHouse
let cookie: string

beforeEach(async () => {
  asked = []
  onUpgrade = (request, socket, head) => {
    agree(request, socket)
    if (head.length > 0) socket.write(head)
    socket.pipe(socket)
  }
  house = await nodeHouse({ api: (_request, response) => void response.writeHead(418).end('no socket here') })
  house.api.on('upgrade', (request, socket: Socket, head) => {
    asked.push(request)
    socket.on('error', () => undefined).on('end', () => socket.end())
    onUpgrade(request, socket, head)
  })
  cookie = (await house.headers()).cookie
})
afterEach(() => house.close())

function agree(request: IncomingMessage, socket: Socket, more = ''): void {
  const accept = webSocketAccept(request.headers['sec-websocket-key'] ?? '')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${more}\r\n`,
  )
}

/** A handshake of our own page; what is given replaces a line or, undefined, leaves it out. */
function handshake(changes: Record<string, string | undefined> = {}, line = 'GET /node/live HTTP/1.1'): string {
  const headers: Record<string, string | undefined> = {
    Host: `127.0.0.1:${house.port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    Origin: house.origin,
    Cookie: cookie,
    ...changes,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return `${[line, ...lines].join('\r\n')}\r\n\r\n`
}

const statusOf = (said: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1])

/** An open WebSocket, byte by byte. */
async function joined(
  changes: Record<string, string | undefined> = {},
): Promise<{ socket: Socket; said: () => string }> {
  const socket = connect(house.port, '127.0.0.1', () => socket.write(handshake(changes)))
  let said = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    said += chunk
  })
  socket.on('error', () => undefined)
  while (!said.includes('\r\n\r\n')) await once(socket, 'data')
  expect(statusOf(said)).toBe(101)
  return { socket, said: () => said.slice(said.indexOf('\r\n\r\n') + 4) }
}

describe('RFC 6455 §4: a handshake', () => {
  test('of our own page reaches the API with the person’s token and nothing else of theirs', async () => {
    const { socket } = await joined({ 'Sec-WebSocket-Protocol': 'chat', Authorization: 'Bearer forged' })
    const [request] = asked
    expect(request?.url).toBe('/live')
    expect(request?.headers).toMatchObject({ 'sec-websocket-key': key, 'sec-websocket-protocol': 'chat' })
    expect(request?.headers.authorization).toMatch(/^Bearer eyJ/)
    for (const name of ['cookie', 'origin', 'x-csrf']) expect(request?.headers).not.toHaveProperty(name)
    socket.destroy()
  })
  test('whose token the API refuses is tried once more with a new one', async () => {
    const answer = onUpgrade
    onUpgrade = (request, socket, head) => {
      if (asked.length > 1) answer(request, socket, head)
      else socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')
    }
    const { socket } = await joined()
    expect(new Set(asked.map(({ headers }) => headers.authorization)).size).toBe(2)
    expect(house.refreshes()).toBe(1)
    socket.destroy()
  })
  test('that the API declines is answered in its words, and the connection closed', async () => {
    onUpgrade = (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nsad!')
    const said = await raw(house.port, handshake())
    expect(said).toMatch(/^HTTP\/1\.1 403 /)
    expect(said).toMatch(/connection: close/i)
    expect(said.endsWith('sad!')).toBe(true)
  })
  test.each([
    ['another proof than the handshake’s', 'Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n'],
    [
      'a protocol that was not offered',
      `Sec-WebSocket-Accept: ${webSocketAccept(key)}\r\nSec-WebSocket-Protocol: other\r\n`,
    ],
    [
      'an extension that was not offered',
      `Sec-WebSocket-Accept: ${webSocketAccept(key)}\r\nSec-WebSocket-Extensions: x\r\n`,
    ],
  ])('to which the API agrees with %s is a 502: what follows would be no WebSocket', async (_, lines) => {
    onUpgrade = (_request, socket) =>
      void socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${lines}\r\n`)
    expect(statusOf(await raw(house.port, handshake()))).toBe(502)
  })
  test('that the API leaves unanswered is a 504', async () => {
    onUpgrade = () => undefined
    const said = raw(house.port, handshake())
    await once(house.api, 'upgrade')
    house.runtime.clock.advance(61)
    expect(statusOf(await said)).toBe(504)
  })
})

describe('features 52: a WebSocket without proof that our own page opens it reaches nobody', () => {
  const without: readonly (readonly [string, Record<string, string | undefined>])[] = [
    ['a foreign origin', { Origin: 'https://evil.test' }],
    ['a null origin', { Origin: 'null' }],
    ['another port of the same host', { Origin: 'http://127.0.0.1:1' }],
    ['no origin at all', { Origin: undefined }],
    ['our origin, but another site by the browser’s word', { 'Sec-Fetch-Site': 'cross-site' }],
    ['our origin, but a sibling by the browser’s word', { 'Sec-Fetch-Site': 'same-site' }],
    [
      'no origin, and an image by the browser’s word',
      { Origin: undefined, 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'no-cors' },
    ],
  ]
  test.each(without)('%s', async (_, changes) => {
    expect(statusOf(await raw(house.port, handshake(changes)))).toBe(403)
    expect(asked).toEqual([])
  })
})

describe('hostile handshakes are refused and reach nobody', () => {
  const bad: [string, number, Record<string, string | undefined>, string?][] = [
    ['another protocol than WebSocket', 400, { Upgrade: 'h2c' }],
    ['a key that is no key', 400, { 'Sec-WebSocket-Key': 'short' }],
    ['no key', 400, { 'Sec-WebSocket-Key': undefined }],
    ['two keys', 400, { 'Sec-WebSocket-Key': key, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }],
    ['another version', 426, { 'Sec-WebSocket-Version': '8' }],
    ['POST', 400, {}, 'POST /node/live HTTP/1.1'],
    ['HTTP/1.0', 400, {}, 'GET /node/live HTTP/1.0'],
    ['a body', 400, { 'Content-Length': '5' }],
    ['nobody signed in', 401, { Cookie: undefined }],
    ['an ambiguous path', 404, {}, 'GET /node/..%2flive HTTP/1.1'],
    ['a path that is no route', 404, {}, 'GET /elsewhere HTTP/1.1'],
    ['two hosts', 400, { host: 'evil.test' }],
  ]
  test.each(bad)('%s: %d', async (_name, status, changes, line) => {
    expect(statusOf(await raw(house.port, handshake(changes, line)))).toBe(status)
    expect(asked).toEqual([])
    expect(house.arrived).toEqual([])
  })
  test('RFC 6455 §4.4: a version that is not passed on is answered with the one that is', async () => {
    expect(await raw(house.port, handshake({ 'Sec-WebSocket-Version': '8' }))).toMatch(/sec-websocket-version: 13/i)
  })
  test('a request hidden behind a handshake that the API declines is read by nobody', async () => {
    onUpgrade = (_request, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
    const hidden = 'GET /node/stolen HTTP/1.1\r\nHost: x\r\n\r\n'
    const said = await raw(house.port, handshake() + hidden)
    expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(house.arrived).toEqual([])
  })
})

describe('an open WebSocket', () => {
  test('carries bytes both ways, those right behind the handshakes too', async () => {
    onUpgrade = (request, socket, head) => {
      agree(request, socket)
      socket.write('welcome')
      if (head.length > 0) socket.write(head)
      socket.pipe(socket)
    }
    const said = raw(house.port, `${handshake()}early`, (all) => all.endsWith('welcomeearly'))
    expect(await said).toMatch(/\r\n\r\nwelcomeearly$/)
  })
  test.each(['the browser', 'the API'])('that %s leaves ends on the other side', async (who) => {
    const atApi = Promise.withResolvers<Socket>()
    onUpgrade = (request, socket) => {
      agree(request, socket)
      atApi.resolve(socket)
    }
    const { socket } = await joined()
    const [leaver, left] = who === 'the API' ? [await atApi.promise, socket] : [socket, await atApi.promise]
    const closed = once(left.resume(), 'close')
    leaver.destroy()
    await closed
  })
  test.each(['the browser', 'the API'])('holds the one back that sends more than %s reads', async (who) => {
    const atApi = Promise.withResolvers<Socket>()
    onUpgrade = (request, socket) => {
      agree(request, socket)
      socket.pause()
      atApi.resolve(socket)
    }
    const { socket } = await joined()
    const [reader, sender] = who === 'the API' ? [await atApi.promise, socket] : [socket, await atApi.promise]
    reader.pause()
    const chunk = Buffer.alloc(65_536, 1)
    let sent = 0
    const send = () => {
      let room = true
      for (; room && sent < 1024; sent++) room = sender.write(chunk)
      if (!room) sender.once('drain', send)
    }
    send()
    for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toBeLessThan(1024)
    socket.destroy()
  })
  test('ends with the session, with a word to the browser, when the person signs out on another node', async () => {
    const { socket, said } = await joined()
    const other = house.another()
    const closed = once(socket, 'end')
    const { hash } = (await house.store.list({ sub: 'alice-1' }, { limit: 1, now: house.runtime.now() }))[0] ?? {}
    await other.bff.sessions.revoke({ id: hash ?? '' })
    await closed
    expect(said()).toBe(closeFrame(1008, 'the session has ended').toString('latin1'))
  })
  test('says no word in the middle of a frame: the connection just ends', async () => {
    onUpgrade = (request, socket) => {
      agree(request, socket)
      socket.write(Buffer.from([0x82, 10, 1, 2, 3]))
    }
    const { socket, said } = await joined()
    while (said().length < 5) await once(socket, 'data')
    const closed = once(socket, 'close')
    await house.bff.sessions.revoke({ sub: 'alice-1' })
    await closed
    expect(said()).toBe('\x82\x0a\x01\x02\x03')
  })
  test('goes on while the tokens are renewed', async () => {
    const { socket, said } = await joined()
    await house.bff.getUserAccessToken({ headers: { cookie } }, { forceRenewal: true })
    socket.write('still here')
    while (!said().includes('still here')) await once(socket, 'data')
    expect(house.refreshes()).toBe(1)
    socket.destroy()
  })
})

test('features 52: where a server was not given to the BFF, a WebSocket is answered with 501', async () => {
  const server = createServer(bff(house.bff))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const said = await raw(port, handshake(), (all) => all.includes('upgrade_not_supported'))
  expect(statusOf(said)).toBe(501)
  const answer = await house.bff.handle(
    new Request(`${house.origin}/node/live`, { headers: { cookie, origin: house.origin, upgrade: 'websocket' } }),
  )
  expect(answer.status).toBe(501)
  expect(asked).toEqual([])
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
