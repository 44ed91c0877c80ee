import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { carrierOptions, nodeListener } from './node-listener.ts'

const NativeResponse = globalThis.Response
let handle: (request: Request) => Response | Promise<Response> = () => new Response()
const server = createServer(
  carrierOptions,
  nodeListener(async (request) => handle(request)),
)
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const origin = `http://127.0.0.1:${port}`

afterAll(() => {
  server.closeAllConnections()
  server.close()
  Object.defineProperty(globalThis, 'Response', { value: NativeResponse })
})

/** Everything that the server sends on one connection, until it closes it. */
async function raw(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return answer
}

const last = 'Host: id.example.com\r\nConnection: close\r\n'
const get = (target: string, more = last) => raw(`GET ${target} HTTP/1.1\r\n${more}\r\n`)

test('a text is sent with its length in bytes and the headers as they were given', async () => {
  handle = () => new Response('grüß', { status: 201, headers: { 'content-type': 'text/plain', 'x-one': '1' } })
  const answer = await get('/')
  expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
  expect(answer).toContain('\r\nx-one: 1\r\n')
  expect(answer).toContain('\r\ncontent-length: 6\r\n')
  expect(Buffer.from(answer.split('\r\n\r\n')[1] ?? '', 'latin1').toString()).toBe('grüß')
})

test('an answer without a body says so, and 204 and 304 say nothing of a length', async () => {
  for (const [status, says] of [
    [303, true],
    [204, false],
    [304, false],
  ] as const) {
    handle = () => new Response(null, { status, headers: { location: '/x' } })
    const answer = await get('/')
    expect(answer.includes('content-length: 0')).toBe(says)
    expect(answer).not.toContain('chunked')
  }
})

test('every cookie is a line of its own, also where headers were changed after the answer was made', async () => {
  handle = () => {
    const response = new Response('x', { headers: { 'content-type': 'text/plain', vary: 'a' } })
    response.headers.append('Set-Cookie', 'a=1')
    response.headers.append('set-cookie', 'b=2')
    response.headers.set('VARY', 'b')
    return response
  }
  const answer = await get('/')
  expect(answer).toContain('\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n')
  expect(answer).toContain('\r\nvary: b\r\n')
})

test('a body is read as text, however it is cut into packets', async () => {
  handle = async (request) => new Response(`${request.method} ${await request.text()} ${request.bodyUsed}`)
  const response = await fetch(origin, { method: 'POST', body: 'x'.repeat(200_000) })
  expect(await response.text()).toBe(`POST ${'x'.repeat(200_000)} true`)
})

test('a body is read as text also by who has waited for something before', async () => {
  handle = async (request) => {
    await new Promise((resolve) => setImmediate(resolve))
    return new Response(await request.text())
  }
  for (const length of [3, 200_000]) {
    const response = await fetch(origin, { method: 'POST', body: 'x'.repeat(length) })
    expect(await response.text()).toBe('x'.repeat(length))
  }
})

test('signs that are cut in two by packets come out whole', async () => {
  handle = async (request) => new Response(await request.text())
  const body = 'grüße'.repeat(30_000)
  expect(await (await fetch(origin, { method: 'POST', body })).text()).toBe(body)
})

test('a connection whose request was read as text carries the next ones', async () => {
  handle = async (request) => new Response(`${await request.text()};`)
  const one = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n'
  const answer = await raw(`${one}1${one}2${one}3GET / HTTP/1.1\r\n${last}\r\n`)
  expect(answer.match(/\d;/g)).toEqual(['1;', '2;', '3;'])
})

test('everything else of a request is Fetch’s own', async () => {
  handle = async (request) => {
    expect(request).toBeInstanceOf(Request)
    expect(request.headers).toBeInstanceOf(Headers)
    expect([...request.headers].map(([name]) => name)).toContain('content-type')
    return Response.json([request.headers.get('Content-Type'), await request.json(), request.bodyUsed])
  }
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(origin, { method: 'POST', body: '{"a":1}', headers })
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.json()).toEqual(['application/json', { a: 1 }, true])
})

test('a request without a body has an empty one, whatever its method', async () => {
  handle = async (request) => new Response(`${request.method}[${await request.text()}][${request.body === null}]`)
  for (const method of ['GET', 'POST', 'DELETE']) {
    expect(await raw(`${method} / HTTP/1.1\r\n${last}\r\n`)).toContain(`${method}[][true]`)
  }
  const chunked = `POST / HTTP/1.1\r\n${last}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`
  expect(await raw(chunked)).toContain('POST[ab]')
})

test('a body is taken once', async () => {
  handle = async (request) => {
    await request.text()
    await expect(request.text()).rejects.toThrow()
    expect(request.bodyUsed).toBe(true)
    return new Response('once')
  }
  expect(await (await fetch(origin, { method: 'POST', body: 'x' })).text()).toBe('once')
})

test('a stream arrives part by part, and ends when nobody listens any more', async () => {
  let cancelled: (reason?: unknown) => void = () => {}
  const isCancelled = new Promise((resolve) => {
    cancelled = resolve
  })
  handle = () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('first')),
        cancel: () => cancelled(),
      }),
    )
  const abort = new AbortController()
  const response = await fetch(origin, { signal: abort.signal })
  const { value } = (await response.body?.getReader().read()) ?? {}
  expect(new TextDecoder().decode(value)).toBe('first')
  abort.abort()
  await isCancelled
})

test('a stream larger than any buffer arrives whole', async () => {
  const part = new Uint8Array(100_000).fill(65)
  let left = 50
  handle = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(part)
          else controller.close()
        },
      }),
    )
  expect((await (await fetch(origin)).text()).length).toBe(5_000_000)
})

test('a header that is there twice counts twice: RFC 9110 §5.3', async () => {
  handle = (request) => new Response(`${request.headers.get('Authorization')}|${request.headers.get('cookie')}`)
  const twice = 'Authorization: Basic a\r\nauthorization: Basic b\r\nCookie: a=1\r\nCookie: b=2\r\n'
  expect(await get('/', last + twice)).toContain('Basic a, Basic b|a=1; b=2')
})

test('a header that no object has is not there', async () => {
  handle = (request) =>
    new Response(String(['constructor', '__proto__', 'dpop'].map((name) => request.headers.get(name))))
  expect((await get('/')).endsWith(',,')).toBe(true)
})

test.each([
  ['/a/../b?x=/../y', 'http://id.example.com/b?x=/../y'],
  ['/a/%2e%2E/b', 'http://id.example.com/b'],
  ['/a//b?c', 'http://id.example.com/a//b?c'],
  ['/{a}', 'http://id.example.com/%7Ba%7D'],
  ['http://other.example.com/x', 'http://other.example.com/x'],
])('RFC 9112 §3.2: the target %s is the address %s', async (target, url) => {
  handle = (request) => new Response(request.url)
  expect((await get(target)).split('\r\n\r\n')[1]).toBe(url)
})

test.each(['/a\\..\\b', '*', 'example.com:443'])('the target %s is refused', async (target) => {
  handle = () => new Response('answered')
  expect(await get(target)).toMatch(/^HTTP\/1\.1 400 /)
})

test.each(['a/b', 'a@b', 'a b', 'a?b', 'a#b', '', '[::', 'exa<mple'])(
  'RFC 9110 §7.2: the host "%s" is refused',
  async (host) => {
    handle = () => new Response('answered')
    expect(await get('/', `Host: ${host}\r\nConnection: close\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
  },
)

test.each(['id.example.com:8080', '127.0.0.1:1', '[::1]:8080', 'ID.example.com'])(
  'the host %s is taken',
  async (host) => {
    handle = (request) => new Response(request.url)
    const answer = await get('/', `Host: ${host}\r\nConnection: close\r\n`)
    expect(answer.split('\r\n\r\n')[1]).toBe(`http://${host.toLowerCase()}/`)
  },
)

test('a line break never gets into a header, and whoever asked is told that it failed', async () => {
  handle = () => new Response('x', { headers: { 'content-type': 'text/plain', 'x-evil': 'a\r\nset-cookie: b' } })
  const answer = await get('/')
  expect(answer).toMatch(/^HTTP\/1\.1 500 /)
  expect(answer).not.toContain('set-cookie')
})

test('a handler that rejects answers 500 and tells nothing', async () => {
  handle = () => Promise.reject(new Error('secret'))
  const answer = await get('/')
  expect(answer).toMatch(/^HTTP\/1\.1 500 /)
  expect(answer).not.toContain('secret')
})

test('what reads a light response gets what Fetch’s own would give', async () => {
  const response = new Response('text', { headers: { 'X-One': '1' } })
  expect(response).toBeInstanceOf(Response)
  expect(response).toBeInstanceOf(NativeResponse)
  expect(response.headers.get('content-type')).toBe('text/plain;charset=UTF-8')
  expect(new Headers(response.headers).get('x-one')).toBe('1')
  expect(await response.clone().text()).toBe('text')
  expect(await response.text()).toBe('text')
  expect(response.bodyUsed).toBe(true)
  const redirect = Response.redirect('https://a.example/x', 303)
  expect([redirect.status, redirect.headers.get('location')]).toEqual([303, 'https://a.example/x'])
  expect(() => new Response('x', { status: 204 })).toThrow(TypeError)
  expect(() => new Response(null, { status: 99 })).toThrow(RangeError)
})

test('a client that goes away in the midst of its request ends the handler’s wait', async () => {
  let ended: (error: unknown) => void = () => {}
  const rejected = new Promise((resolve) => {
    ended = resolve
  })
  handle = async (request) => {
    await request.text().catch(ended)
    return new Response()
  }
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')
  await once(server, 'request')
  socket.destroy()
  expect(await rejected).toBeInstanceOf(Error)
})

test('a client that goes away once its request is here does not take the handler’s body away', async () => {
  let answered: (text: string) => void = () => {}
  const isAnswered = new Promise<string>((resolve) => {
    answered = resolve
  })
  const socket = connect(port, '127.0.0.1')
  handle = async (request) => {
    const body = request.text()
    socket.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    answered(await body)
    return new Response('nobody')
  }
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')
  expect(await isAnswered).toBe('abc')
})

test('requests sent without waiting for answers are answered in their order', async () => {
  handle = async (request) => new Response(`${request.url.slice(-1)}${await request.text()};`)
  const one = 'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab'
  const answer = await raw(`${one}GET /2 HTTP/1.1\r\n${last}\r\n`)
  expect(answer.indexOf('1ab;')).toBeLessThan(answer.indexOf('2;'))
  expect(answer).toContain('2;')
})
