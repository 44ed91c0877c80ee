import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NodeHouse, nodeHouse, raw } from './test-node-house.ts'

let house: NodeHouse
let cookie: string
let bodies: string[]
beforeEach(async () => {
  bodies = []
  house = await nodeHouse({
    async api(request, response) {
      let body = ''
      for await (const chunk of request) body += chunk
      bodies.push(body)
      response.end('ok')
    },
  })
  cookie = (await house.headers()).cookie
})
afterEach(() => house.close())

/** Raw lines of a request of our own page; the connection closes with the answer. */
const request = (lines: readonly string[], { line = 'GET /node/x HTTP/1.1', body = '' } = {}) =>
  `${[line, `Host: 127.0.0.1:${house.port}`, `Cookie: ${cookie}`, 'X-CSRF: 1', ...lines].join('\r\n')}\r\n\r\n${body}`
const post = 'POST /node/x HTTP/1.1'
const statuses = (said: string) => [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
const hidden = 'GET /node/stolen HTTP/1.1\r\nHost: x\r\n\r\n'

describe('features 54: a request that two servers could read differently reaches nobody', () => {
  const refused: readonly (readonly [string, readonly string[], { line?: string; body?: string }])[] = [
    ['both lengths', ['Content-Length: 4', 'Transfer-Encoding: chunked'], { line: post, body: `0\r\n\r\n${hidden}` }],
    [
      'both lengths, the other way round',
      ['Transfer-Encoding: chunked', 'Content-Length: 4'],
      { line: post, body: hidden },
    ],
    ['two lengths', ['Content-Length: 3', 'Content-Length: 4'], { line: post, body: 'abcd' }],
    ['a list of lengths', ['Content-Length: 3, 4'], { line: post, body: 'abcd' }],
    ['a signed length', ['Content-Length: +3'], { line: post, body: 'abc' }],
    ['a length in hexadecimal', ['Content-Length: 0x3'], { line: post, body: 'abc' }],
    ['a coding in disguise', ['Transfer-Encoding: xchunked'], { line: post, body: '0\r\n\r\n' }],
    ['a coding after chunked', ['Transfer-Encoding: chunked, identity'], { line: post, body: '0\r\n\r\n' }],
    ['a space before the colon', ['Transfer-Encoding : chunked'], { line: post, body: '0\r\n\r\n' }],
    ['a vertical tab before the coding', ['Transfer-Encoding: \x0bchunked'], { line: post, body: '0\r\n\r\n' }],
    ['a folded line', ['X-Folded: a', ' b'], {}],
    ['a folded length', ['Content-Length:', ' 3'], { line: post, body: 'abc' }],
    ['a header that ends with a bare LF', ['X-A: 1\nX-B: 2'], {}],
    ['a bare CR in a value', ['X-A: 1\rX-B: 2'], {}],
    ['a NUL in a value', ['X-A: 1\0'], {}],
    ['a name with a space', ['X A: 1'], {}],
    ['a second host', ['Host: evil.test'], {}],
    [
      'a chunk with a length of nonsense',
      ['Transfer-Encoding: chunked'],
      { line: post, body: 'zz\r\nabc\r\n0\r\n\r\n' },
    ],
    ['GET with a body', ['Content-Length: 4'], { body: 'abcd' }],
    ['GET with chunks', ['Transfer-Encoding: chunked'], { body: '0\r\n\r\n' }],
    ['an absolute target of another host', [], { line: 'GET http://evil.test/node/x HTTP/1.1' }],
    ['a target without a slash', [], { line: 'GET node/x HTTP/1.1' }],
    ['CONNECT', [], { line: 'CONNECT /node/x HTTP/1.1' }],
    ['TRACE', [], { line: 'TRACE /node/x HTTP/1.1' }],
  ]
  test.each(refused)('%s', async (_, lines, sent) => {
    const said = await raw(house.port, request(['Connection: close', ...lines], sent))
    expect(bodies).toEqual([])
    expect(house.arrived).toEqual([])
    for (const status of statuses(said)) expect([400, 404, 405]).toContain(status)
    expect(statuses(said).length).toBeLessThan(2)
  })

  test('a request behind an ended one is answered for itself, and without its own cookie it gets nothing', async () => {
    const said = await raw(house.port, request(['Content-Length: 3'], { line: post, body: `abc${hidden}` }), (all) => {
      return statuses(all).length === 2
    })
    expect(statuses(said)).toEqual([200, 403])
    expect([house.arrived.map(({ url }) => url), bodies]).toEqual([['/x'], ['abc']])
  })
})

describe('features 54: what the API hears of the caller is ours alone to say', () => {
  async function headersAtTheApi(lines: readonly string[], options = {}): Promise<IncomingMessage['headers']> {
    expect(statuses(await raw(house.port, request(['Connection: close', ...lines], options)))).toEqual([200])
    return house.arrived.at(-1)?.headers ?? {}
  }
  const names = [
    'Forwarded',
    'X-Forwarded-For',
    'X-Forwarded-Prefix',
    'X-Forwarded-User',
    'X-Forwarded-Client-Cert',
    'X-Real-IP',
    'True-Client-IP',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-HTTP-Method-Override',
    'Via',
    'Origin_',
    'X_Forwarded_Host',
    'X_CSRF',
    'Authorization_',
    'Proxy-Authorization',
    'Sec-Fetch-User',
    'TE',
    'HTTP2-Settings',
    'Keep-Alive',
  ]
  test.each(names)('%s of the browser does not arrive', async (name) => {
    const headers = await headersAtTheApi([`${name}: evil`])
    expect(JSON.stringify(headers)).not.toContain('evil')
  })
  test('host, scheme and token are ours, however often and in whatever way the browser says others', async () => {
    const headers = await headersAtTheApi([
      'X-Forwarded-Host: evil.test',
      'x-forwarded-host: evil2.test',
      'X-Forwarded-Proto: gopher',
      'Authorization: Bearer forged',
      'AUTHORIZATION: Basic Zm9yZ2Vk',
      'DPoP: forged',
    ])
    const { host } = new URL(house.origin)
    expect(headers).toMatchObject({
      'x-forwarded-host': host,
      'x-forwarded-proto': 'http',
      forwarded: `for=127.0.0.1;host="${host}";proto=http`,
    })
    expect(headers.authorization).toMatch(/^Bearer eyJ/)
    expect(headers.host).not.toBe(`127.0.0.1:${house.port}`)
    expect(JSON.stringify(house.arrived.at(-1)?.rawHeaders)).not.toMatch(/evil|forged|gopher|Zm9y/)
  })
  test('headers that Connection names stay here, and naming ours takes none of them away', async () => {
    const lines = [
      'Connection: x-private, authorization, x-forwarded-host, content-length, host',
      'X-Private: 1',
      'Content-Length: 3',
    ]
    const bytes = request(lines, { line: post, body: 'abc' })
    const said = await raw(house.port, bytes, (all) => all.endsWith('ok') || all.includes('\r\n0\r\n'))
    expect(statuses(said)).toEqual([200])
    const headers = house.arrived.at(-1)?.headers ?? {}
    expect(headers).not.toHaveProperty('x-private')
    expect(headers.authorization).toMatch(/^Bearer eyJ/)
    expect(headers['x-forwarded-host']).toBe(new URL(house.origin).host)
    expect(bodies).toEqual(['abc'])
  })
  test('no cookie arrives, in one header or in three', async () => {
    const headers = await headersAtTheApi(['Cookie: a=1', 'Cookie: b=2', 'Cookie2: $Version=1'])
    expect(Object.keys(headers).filter((name) => name.startsWith('cookie'))).toEqual([])
  })
})
