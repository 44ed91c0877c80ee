import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { ask, begin, type NodeHouse, type NodeHouseOptions, nodeHouse } from './test-node-house.ts'

let house: NodeHouse
afterEach(() => house.close())

async function open(
  api: RequestListener,
  options: Omit<NodeHouseOptions, 'api'> = {},
): Promise<Record<string, string>> {
  house = await nodeHouse({ api, ...options })
  return house.headers()
}
const text = async (message: IncomingMessage) => {
  let all = ''
  for await (const chunk of message) all += chunk
  return all
}
describe('features 54: bodies', () => {
  test('the API has the first bytes before the last are sent, and the browser the first of the answer', async () => {
    const headers = await open((request, response) => void request.pipe(response))
    const { sent, answered } = begin(house, '/node/echo', { headers })
    sent.write('first')
    const answer = await answered
    expect(String((await once(answer, 'data'))[0])).toBe('first')
    sent.end('last')
    expect(await text(answer)).toBe('last')
  })

  test('a browser that reads nothing holds the API back, and one that reads again gets it all', async () => {
    const [chunk, chunks] = [Buffer.alloc(65_536), 1024]
    let written = 0
    const headers = await open((_request, response) => {
      const write = () => {
        let room = true
        for (; room && written < chunks; written++) room = response.write(chunk)
        if (written === chunks) response.end()
        else response.once('drain', write)
      }
      write()
    })
    const { sent, answered } = begin(house, '/node/long', { headers, method: 'GET' })
    sent.end()
    const answer = await answered
    // Many more turns than it takes to carry all of it to a browser that reads.
    for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(written).toBeLessThan(chunks)
    let read = 0
    for await (const part of answer) read += part.length
    expect(read).toBe(chunks * chunk.length)
  })

  test.each(['DELETE', 'OPTIONS', 'POST'])(
    'RFC 9112 §6: %s with a body of unknown length arrives as one message',
    async (method) => {
      const bodies: string[] = []
      const headers = await open(async (request, response) => {
        bodies.push(await text(request))
        response.end('done')
      })
      const smuggled = 'GET /stolen HTTP/1.1\r\nHost: x\r\n\r\n'
      const { sent, answered } = begin(house, '/node/x', {
        headers: { ...headers, 'transfer-encoding': 'chunked' },
        method,
      })
      sent.end(smuggled)
      expect(await text(await answered)).toBe('done')
      expect(bodies).toEqual([smuggled])
      expect(house.arrived.map(({ url }) => url)).toEqual(['/x'])
    },
  )

  test('RFC 9110 §9.3.1: GET with a body is refused and reaches nobody', async () => {
    const headers = await open((_request, response) => void response.end())
    expect(
      (await ask(`${house.door}/node/x`, { headers: { ...headers, 'content-length': '3' }, body: 'abc' })).status,
    ).toBe(400)
    expect(house.arrived).toEqual([])
  })

  test('an encoded answer comes back as it was encoded', async () => {
    const headers = await open((request, response) => {
      response
        .writeHead(200, { 'content-encoding': 'br', 'x-asked': request.headers['accept-encoding'] ?? '' })
        .end('xyz')
    })
    const answer = await ask(`${house.door}/node/x`, { headers: { ...headers, 'accept-encoding': 'br' } })
    expect(answer).toMatchObject({ body: 'xyz', headers: { 'content-encoding': 'br', 'x-asked': 'br' } })
  })
})

describe('answers without a body', () => {
  test('RFC 9110 §9.3.2: HEAD has the length that GET would have', async () => {
    const headers = await open((_request, response) => void response.writeHead(200, { 'content-length': 42 }).end())
    const answer = await ask(`${house.door}/node/x`, { method: 'HEAD', headers })
    expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-length': '42' } })
    expect(house.arrived[0]?.method).toBe('HEAD')
  })
  test.each([204, 304])('RFC 9110 §15: %d ends with its headers', async (status) => {
    const headers = await open((_request, response) => void response.writeHead(status, { etag: '"1"' }).end())
    const answer = await ask(`${house.door}/node/x`, { headers: { ...headers, 'if-none-match': '"1"' } })
    expect(answer).toMatchObject({ status, body: '', headers: { etag: '"1"' } })
    expect(answer.headers).not.toHaveProperty('transfer-encoding')
  })
  test('features 54: a redirect in answer to a streamed body is handed on, unfollowed', async () => {
    const headers = await open((request, response) => {
      request.resume().on('end', () => response.writeHead(307, { location: 'https://elsewhere.test/' }).end())
    })
    const answer = await ask(`${house.door}/node/x`, { method: 'POST', headers, body: Buffer.alloc(200_000) })
    expect(answer).toMatchObject({ status: 307, headers: { location: 'https://elsewhere.test/' } })
  })
})

describe('RFC 9110 §6.5: trailers', () => {
  test('go to the API, but for those that speak of who is calling, of routing or of the body', async () => {
    const seen: IncomingMessage['trailers'][] = []
    const headers = await open(async (request, response) => {
      await text(request)
      seen.push(request.trailers)
      response.end()
    })
    await ask(`${house.door}/node/x`, {
      method: 'POST',
      headers: { ...headers, 'transfer-encoding': 'chunked', trailer: 'x-sum' },
      body: 'abc',
      trailers: [
        ['x-sum', '1'],
        ['authorization', 'Bearer forged'],
        ['cookie', 'a=b'],
        ['x-forwarded-host', 'evil.test'],
        ['host', 'evil.test'],
      ],
    })
    expect(seen).toEqual([{ 'x-sum': '1' }])
  })
  test('come back to a client that takes them, cookies excepted', async () => {
    const headers = await open((_request, response) => {
      response.write('abc')
      response.addTrailers({ 'x-sum': '1', 'set-cookie': 'planted=1' })
      response.end()
    })
    const answer = await ask(`${house.door}/node/x`, { headers: { ...headers, te: 'trailers' } })
    expect(answer).toMatchObject({ body: 'abc', trailers: { 'x-sum': '1' } })
    expect(answer.trailers).not.toHaveProperty('set-cookie')
    expect((await ask(`${house.door}/node/x`, { headers })).trailers).toEqual({})
  })
})

describe('RFC 6750 §3.1: a 401 of the API', () => {
  const refuseFirst = (bodies: string[]): RequestListener => {
    let refused: string | undefined
    return async (request, response) => {
      refused ??= request.headers.authorization
      bodies.push(await text(request))
      response.writeHead(request.headers.authorization === refused ? 401 : 200).end()
    }
  }
  test('brings one renewal and one replay, of a body of unknown length as well', async () => {
    const bodies: string[] = []
    const headers = await open(refuseFirst(bodies))
    const { sent, answered } = begin(house, '/node/x', { headers: { ...headers, 'transfer-encoding': 'chunked' } })
    sent.write('a')
    sent.end('b')
    expect((await answered).resume().statusCode).toBe(200)
    expect(bodies).toEqual(['ab', 'ab'])
    expect(house.refreshes()).toBe(1)
  })
  test('comes back as it is where the body was too long to keep', async () => {
    const bodies: string[] = []
    const headers = await open(refuseFirst(bodies))
    const answer = await ask(`${house.door}/node/x`, { method: 'POST', headers, body: Buffer.alloc(70_000, 'a') })
    expect([answer.status, bodies.length, house.refreshes()]).toEqual([401, 1, 0])
  })
})

describe('RFC 9110 §10.1.1: 100-continue', () => {
  const waiting = (headers: Record<string, string>) => {
    const begun = begin(house, '/node/x', { headers: { ...headers, expect: '100-continue', 'content-length': '4' } })
    begun.sent.flushHeaders()
    return begun
  }
  test('is the API’s to give: without its leave the body stays where it is', async () => {
    const bodies: string[] = []
    const headers = await open(async (request, response) => {
      bodies.push(await text(request))
      response.end('thanks')
    })
    const leave = Promise.withResolvers<void>()
    house.api.on('checkContinue', async (request, response) => {
      await leave.promise
      response.writeContinue()
      house.api.emit('request', request, response)
    })
    const { sent, answered } = waiting(headers)
    await once(house.api, 'checkContinue')
    leave.resolve()
    await once(sent, 'continue')
    sent.end('body')
    expect(await text(await answered)).toBe('thanks')
    expect(bodies).toEqual(['body'])
  })
  test('an API that refuses is heard before anything is sent', async () => {
    const headers = await open(() => undefined)
    house.api.on('checkContinue', (_request, response) => void response.writeHead(413).end())
    const { sent, answered } = waiting(headers)
    sent.on('continue', () => expect.unreachable())
    expect((await answered).resume().statusCode).toBe(413)
    sent.destroy()
  })
  test('nobody signed in is told so without the body', async () => {
    await open(() => undefined)
    const { sent, answered } = waiting({ 'x-csrf': '1' })
    sent.on('continue', () => expect.unreachable())
    expect((await answered).resume().statusCode).toBe(401)
    sent.destroy()
  })
})
