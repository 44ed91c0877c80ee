import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, describe, expect, test } from 'vitest'
import type { Bff } from '../bff.ts'
import { webSocketAccept } from '../crypto.ts'
import { type NodeHouse, nodeHouse, raw } from '../node-carrier/test-node-house.ts'
import { bffServer as expressServer, bff as onExpress } from './express.ts'
import { bff as onFastify } from './fastify.ts'
import { bff as onHono } from './hono.ts'
import { bffHandlers } from './next.ts'
import { bffServer, bff as onNode } from './node.ts'

interface Opened {
  readonly server: Server
  readonly close: () => Promise<unknown>
}

/** The same BFF behind each door, WebSockets let through where the door can. */
const doors: Readonly<Record<string, (core: Bff) => Promise<Opened>>> = {
  async express(core) {
    const server = createServer(express().use(onExpress(core)))
    return closable(server, expressServer(core, server))
  },
  async fastify(core) {
    const app = fastify({ forceCloseConnections: true })
    onFastify(core)(app)
    await app.ready()
    return { server: app.server, close: () => app.close() }
  },
  async hono(core) {
    const server = createAdaptorServer(new Hono().use(onHono(core))) as Server
    return closable(server, bffServer(core, server))
  },
  async node(core) {
    const server = createServer(onNode(core))
    return closable(server, bffServer(core, server))
  },
  async next(core) {
    return closable(createAdaptorServer({ fetch: bffHandlers(core).GET }) as Server, () => {})
  },
}

function closable(server: Server, endWebSockets: () => void): Opened {
  const close = () => {
    endWebSockets()
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { server, close }
}

let house: NodeHouse
let opened: Opened
afterEach(async () => {
  await opened.close()
  await house.close()
})

async function serve(door: string): Promise<{ port: number; handshake: (origin: string) => string }> {
  house = await nodeHouse({ api: (_request, response) => void response.end('no socket') })
  house.api.on('upgrade', (request, socket) => {
    const accept = webSocketAccept(request.headers['sec-websocket-key'] ?? '')
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`)
    socket.pipe(socket).on('error', () => undefined)
  })
  const make = doors[door]
  if (make === undefined) throw new Error(`no door ${door}`)
  opened = await make(house.bff)
  await new Promise<void>((resolve) => opened.server.listen(0, '127.0.0.1', resolve))
  const { port } = opened.server.address() as AddressInfo
  const { cookie } = await house.headers()
  const handshake = (origin: string) =>
    [
      'GET /node/live HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      `Origin: ${origin}`,
      `Cookie: ${cookie}\r\n\r\n`,
    ].join('\r\n')
  return { port, handshake }
}

describe.each(Object.keys(doors).filter((door) => door !== 'next'))('the door for %s', (door) => {
  test('RFC 6455 §4: joins our own page to the API, bytes both ways', async () => {
    const { port, handshake } = await serve(door)
    const said = await raw(port, `${handshake(house.origin)}hello`, (all) => all.endsWith('hello'))
    expect(said).toMatch(/^HTTP\/1\.1 101 /)
    expect(said).toMatch(/\r\n\r\nhello$/)
  })
  test('features 52: refuses another page’s WebSocket with 403', async () => {
    const { port, handshake } = await serve(door)
    expect(await raw(port, handshake('https://evil.test'))).toMatch(/^HTTP\/1\.1 403 /)
  })
  test('ends its WebSockets when the server is stopped', async () => {
    const { port, handshake } = await serve(door)
    let isOpen = () => {}
    const joined = new Promise<void>((resolve) => {
      isOpen = resolve
    })
    const said = raw(port, handshake(house.origin), (all) => {
      if (all.includes(' 101 ')) isOpen()
      return false
    })
    await joined
    await opened.close()
    expect(await said).toMatch(/^HTTP\/1\.1 101 /)
  })
})

test('the door for Next answers a WebSocket with 501', async () => {
  const { port, handshake } = await serve('next')
  const said = await raw(port, handshake(house.origin), (all) => all.includes('upgrade_not_supported'))
  expect(said).toMatch(/^HTTP\/1\.1 501 /)
})
