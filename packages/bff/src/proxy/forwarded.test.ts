import { afterEach, describe, expect, test } from 'vitest'
import { ask, type NodeHouse, type NodeHouseOptions, nodeHouse, raw } from '../node-carrier/test-node-house.ts'
import { forwarded } from './forwarded.ts'

test.each([
  ['192.0.2.60', 'for=192.0.2.60;host="a";proto=https'],
  ['2001:DB8:cafe::17', 'for="[2001:db8:cafe::17]";host="a";proto=https'],
  ['::ffff:192.0.2.60', 'for=192.0.2.60;host="a";proto=https'],
  ['fe80::1%eth0', 'for="[fe80::1]";host="a";proto=https'],
  ['192.0.2.60, for=evil', 'host="a";proto=https'],
  ['x";for="1', 'host="a";proto=https'],
  ['', 'host="a";proto=https'],
  [undefined, 'host="a";proto=https'],
])('RFC 7239 §6: the address %j is written as %s', (address, written) => {
  expect(forwarded('host="a";proto=https', address)).toBe(written)
})

describe('RFC 7239 §4: what the API is told of who asks', () => {
  let house: NodeHouse
  afterEach(() => house.close())
  const open = async (options: Partial<NodeHouseOptions> = {}) => {
    house = await nodeHouse({ api: (_, response) => void response.end('ok'), ...options })
    return house.headers()
  }
  const where = () => `host="${new URL(house.origin).host}";proto=http`
  const told = () => house.arrived.map(({ headers }) => headers.forwarded)
  const forged = {
    forwarded: 'for=203.0.113.7;host=evil.test;proto=https',
    'x-forwarded-for': '203.0.113.7, 203.0.113.8',
    'x-real-ip': '203.0.113.7',
  }

  test('is the address of the connection, whatever the request says of itself', async () => {
    const headers = await open()
    expect((await ask(`${house.door}/node/x`, { headers: { ...headers, ...forged } })).status).toBe(200)
    expect(told()).toEqual([`for=127.0.0.1;${where()}`])
    expect(JSON.stringify(house.arrived[0]?.rawHeaders)).not.toMatch(/203\.0\.113|evil/)
  })

  test('is ours to say even where a route names the headers', async () => {
    const headers = await open({ route: { requestHeaders: ['Forwarded', 'X-Forwarded-For'] } })
    await ask(`${house.door}/node/x`, { headers: { ...headers, ...forged } })
    expect(told()).toEqual([`for=127.0.0.1;${where()}`])
    expect(house.arrived[0]?.headers).not.toHaveProperty('x-forwarded-for')
  })

  test('cannot be said twice, or behind the body', async () => {
    const { cookie } = await open()
    const bytes = [
      ...['POST /node/x HTTP/1.1', `Host: 127.0.0.1:${house.port}`, `Cookie: ${cookie}`, 'X-CSRF: 1'],
      ...['Forwarded: for=203.0.113.7', 'FORWARDED: for=203.0.113.8', 'Connection: close, forwarded'],
      ...['Transfer-Encoding: chunked', 'Trailer: Forwarded', '', '1', 'x', '0', 'Forwarded: for=203.0.113.9', '', ''],
    ]
    expect(await raw(house.port, bytes.join('\r\n'))).toMatch(/^HTTP\/1.1 200 /)
    expect(told()).toEqual([`for=127.0.0.1;${where()}`])
    expect(house.arrived[0]?.trailers).toEqual({})
  })

  test('goes along with the handshake of a WebSocket', async () => {
    const { cookie } = await open()
    const bytes = [
      ...['GET /node/live HTTP/1.1', `Host: 127.0.0.1:${house.port}`, `Cookie: ${cookie}`, 'X-CSRF: 1'],
      ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Origin: ${house.origin}`],
      ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Forwarded: for=203.0.113.7', '', ''],
    ]
    await raw(house.port, bytes.join('\r\n'), (said) => said.includes('\r\n\r\n'))
    expect(told()).toEqual([`for=127.0.0.1;${where()}`])
  })

  test('has no address by forwardedFor: false', async () => {
    const headers = await open({ bff: { forwardedFor: false } })
    await ask(`${house.door}/node/x`, { headers: { ...headers, ...forged } })
    expect(told()).toEqual([where()])
  })

  test('has no address where the door knows of no connection', async () => {
    const headers = await open()
    await house.bff.handle(new Request(`${house.origin}/node/x`, { headers: { ...headers, ...forged } }))
    expect(told()).toEqual([where()])
  })
})
