import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { begin, type NodeHouse, type NodeHouseOptions, nodeHouse } from './test-node-house.ts'

let house: NodeHouse
afterEach(() => house.close())

/** An API whose answers stay open in the test's hands. */
async function openAnswer(head: Record<string, string>, options: Partial<NodeHouseOptions> = {}) {
  const atApi = Promise.withResolvers<ServerResponse>()
  const api: RequestListener = (_request, response) => {
    response.writeHead(200, head).flushHeaders()
    atApi.resolve(response)
  }
  house = await nodeHouse({ ...options, api })
  const headers = await house.headers()
  const { sent, answered } = begin(house, '/node/live', { method: 'GET', headers })
  sent.end()
  const answer: IncomingMessage = await answered
  return { headers, answer: answer.setEncoding('utf8'), api: await atApi.promise }
}

const events = { 'content-type': 'text/event-stream' }
const signOutOnAnotherNode = async (headers: Record<string, string>) => {
  const { bff, origin } = house.another()
  const user = await bff.handle(new Request(`${origin}/bff/user?format=object`, { headers }))
  const { 'bff:logout_url': path } = (await user.json()) as Record<string, string>
  expect((await bff.handle(new Request(origin + path, { headers }))).status).toBe(302)
}

describe('an event stream', () => {
  test('goes on while the tokens are renewed, here and on another node', async () => {
    const { headers, answer, api } = await openAnswer(events)
    const other = house.another()
    await house.bff.getUserAccessToken({ headers }, { forceRenewal: true })
    await other.bff.getUserAccessToken({ headers }, { forceRenewal: true })
    expect(house.refreshes() + other.refreshes()).toBe(2)
    api.write('data: still here\n\n')
    expect(await once(answer, 'data')).toEqual(['data: still here\n\n'])
    answer.destroy()
  })
  test('ends when the person signs out on another node, and the API hears of it', async () => {
    const { headers, answer, api } = await openAnswer(events)
    const atApi = once(api, 'close')
    const ended = once(answer.resume(), 'end')
    await signOutOnAnotherNode(headers)
    await Promise.all([ended, atApi])
    expect(answer.complete).toBe(true)
  })
  test('ends when the session runs out', async () => {
    const { answer } = await openAnswer(events, { bff: { lifetimes: { idleSeconds: 600 } } })
    const ended = once(answer.resume(), 'end')
    for (let minute = 0; minute < 11; minute++) {
      house.runtime.clock.advance(60)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await ended
  })
  test('of a route without a token has no session to end with', async () => {
    const { headers, answer, api } = await openAnswer(events, { route: { token: 'none' } })
    await signOutOnAnotherNode(headers)
    api.end('data: bye\n\n')
    expect(await once(answer, 'data')).toEqual(['data: bye\n\n'])
  })
})

describe('any other answer that lasts', () => {
  test.each([{}, { 'content-length': '10000000' }])(
    'with %j breaks off, visibly short, when the session ends',
    async (head) => {
      const { headers, answer, api } = await openAnswer({ 'content-type': 'application/octet-stream', ...head })
      api.write('first')
      await once(answer, 'data')
      house.runtime.clock.advance(2)
      const broken = once(answer, 'error')
      await signOutOnAnotherNode(headers)
      expect(String(await broken)).toMatch(/aborted|ECONNRESET/)
      expect(answer.complete).toBe(false)
    },
  )
})
