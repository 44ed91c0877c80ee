import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http'
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

describe('aborts', () => {
  test('a browser that leaves in the middle of its upload ends the request at the API', async () => {
    const aborted = Promise.withResolvers<void>()
    const headers = await open((request) => {
      request.on('error', () => aborted.resolve())
      request.resume()
    })
    const { sent } = begin(house, '/node/x', { headers })
    sent.write('abc')
    await once(house.api, 'request')
    sent.destroy()
    await aborted.promise
  })
  test('a browser that leaves in the middle of the answer ends it at the API', async () => {
    const closed = Promise.withResolvers<void>()
    const headers = await open((_request, response) => {
      response.write('abc')
      response.on('close', () => closed.resolve())
    })
    const { sent, answered } = begin(house, '/node/x', { headers, method: 'GET' })
    sent.end()
    ;(await answered).destroy()
    await closed.promise
  })
  test('an API that breaks off leaves no answer that looks whole', async () => {
    const headers = await open((_request, response) => {
      response.write('abc')
      setImmediate(() => response.destroy())
    })
    await expect(ask(`${house.door}/node/x`, { headers })).rejects.toThrow(/aborted|hang up|reset/i)
  })
  test('an API that hangs up without a word is a 502, one that cannot be reached too', async () => {
    const headers = await open((request) => void request.socket.destroy())
    expect((await ask(`${house.door}/node/x`, { method: 'POST', headers, body: 'x' })).status).toBe(502)
    expect(house.arrived).toHaveLength(1)
    house.api.closeAllConnections()
    await new Promise((resolve) => house.api.close(resolve))
    const answer = await ask(`${house.door}/node/x`, { headers })
    expect(answer).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } })
    expect(answer.body).not.toContain('127.0.0.1')
  })
  test('an API that takes longer than its route allows is a 504', async () => {
    const headers = await open(() => undefined, { route: { answerSeconds: 20 } })
    const asked = ask(`${house.door}/node/x`, { headers })
    await once(house.api, 'request')
    house.runtime.clock.advance(21)
    expect(JSON.parse((await asked).body)).toMatchObject({ status: 504, code: 'api_timeout' })
  })
})

describe('uploads', () => {
  test('take as long as they take: the API’s time begins when it has it all', async () => {
    const headers = await open((request, response) => void request.resume().on('end', () => response.end('got it')), {
      route: { answerSeconds: 20 },
    })
    const { sent, answered } = begin(house, '/node/x', { headers })
    sent.write('a')
    await once(house.api, 'request')
    house.runtime.clock.advance(60)
    sent.end('b')
    expect((await answered).resume().statusCode).toBe(200)
  })
  test('that the API cuts short with an answer bring that answer', async () => {
    const headers = await open((request, response) => {
      response.writeHead(413, { connection: 'close' }).end('too much', () => request.socket.destroySoon())
    })
    const { sent, answered } = begin(house, '/node/x', { headers })
    sent.write(Buffer.alloc(65_536))
    const answer = await answered
    expect(answer.statusCode).toBe(413)
    expect(String((await once(answer, 'data'))[0])).toBe('too much')
    sent.destroy()
  })
})

describe('connections to the API', () => {
  test('are kept, and one that the API has closed meanwhile is found out by asking again, once, where that is harmless', async () => {
    const sockets = new Set<unknown>()
    let last: IncomingMessage | undefined
    let breaking = false
    const headers = await open((request, response) => {
      if (breaking && sockets.has(request.socket)) return void request.socket.destroy()
      sockets.add(request.socket)
      last = request
      request.resume().on('end', () => response.end('ok'))
    })
    await ask(`${house.door}/node/1`, { headers })
    await ask(`${house.door}/node/2`, { headers })
    expect(sockets.size).toBe(1)
    breaking = true
    expect((await ask(`${house.door}/node/3`, { headers })).body).toBe('ok')
    expect(last?.url).toBe('/3')
    breaking = false
    await ask(`${house.door}/node/4`, { headers })
    breaking = true
    expect((await ask(`${house.door}/node/5`, { method: 'POST', headers, body: 'once' })).status).toBe(502)
  })
  test('headers of 30 kB come back', async () => {
    const headers = await open(
      (_request, response) => void response.writeHead(200, { 'x-long': 'a'.repeat(30_000) }).end(),
    )
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      httpRequest(`${house.door}/node/x`, { headers, agent: false, maxHeaderSize: 65_536 }, resolve)
        .on('error', reject)
        .end()
    })
    answer.resume()
    expect(answer.headers['x-long']).toHaveLength(30_000)
  })
})
