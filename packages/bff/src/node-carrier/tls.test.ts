import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { webSocketAccept } from '../crypto.ts'
import { localhostCertificate, testAuthority } from './test-certificate.ts'
import { ask, type NodeHouse, nodeHouse, raw } from './test-node-house.ts'

const trusted = getCACertificates('default')
let house: NodeHouse
let arrived: number
const server = createServer(localhostCertificate)
server.on('request', (_request, response) => {
  arrived++
  response.end('by TLS')
})
server.on('upgrade', (request, socket) => {
  arrived++
  const accept = webSocketAccept(request.headers['sec-websocket-key'] ?? '')
  socket.end(
    `HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\nby TLS`,
  )
})

beforeEach(async () => {
  arrived = 0
  setDefaultCACertificates([testAuthority])
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  setDefaultCACertificates(trusted)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await house.close()
})

async function open(host: string): Promise<{ headers: Record<string, string> }> {
  const { port } = server.address() as AddressInfo
  house = await nodeHouse({ api: () => undefined, route: { target: `https://${host}:${port}` } })
  return { headers: await house.headers() }
}
const handshake = (cookie = '') =>
  [
    'GET /node/live HTTP/1.1',
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    `Origin: ${house.origin}`,
    `Cookie: ${cookie}\r\n\r\n`,
  ].join('\r\n')

test('an API behind TLS is reached, by requests over one connection and by WebSockets', async () => {
  const { headers } = await open('localhost')
  for (let call = 0; call < 3; call++)
    expect(await ask(`${house.door}/node/x`, { headers })).toMatchObject({ body: 'by TLS' })
  expect(await raw(house.port, handshake(headers.cookie))).toMatch(/ 101 [\s\S]*by TLS$/)
  expect(arrived).toBe(4)
})

test('an API whose certificate is for another name gets no token: 502', async () => {
  const { headers } = await open('127.0.0.1')
  expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(502)
  expect(await raw(house.port, handshake(headers.cookie))).toMatch(/ 502 /)
  expect(arrived).toBe(0)
})
