import { formatChallenge } from '@latchkey/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask, type NodeHouse, nodeHouse } from '../node-carrier/test-node-house.ts'

const strong = 'urn:example:strong'
const weak = 'urn:example:password'
let house: NodeHouse
let challenge: { status: number; header: string } | null
let headers: Record<string, string>
beforeEach(async () => {
  challenge = null
  house = await nodeHouse({
    api(_request, response) {
      if (challenge === null) response.end('ok')
      else response.writeHead(challenge.status, { 'www-authenticate': challenge.header }).end('no')
    },
    provider: {
      acrValues: [
        { value: strong, amr: ['hwk'] },
        { value: weak, amr: ['pwd'] },
      ],
    },
    bff: {},
    route: { acr: [weak, strong] },
  })
  headers = await house.headers()
})
afterEach(() => house.close())

const problemAt = async (path: string) => {
  const { status, body } = await ask(house.door + path, { headers })
  return { status, ...(JSON.parse(body) as Record<string, unknown>) }
}

describe('RFC 9470: a route that wants a stronger sign-in', () => {
  test('lets a person in who signed in like that', async () => {
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(200)
  })
  test('answers another with where to sign in so, before the API is called', async () => {
    const { bff, origin } = house.another({
      routes: [{ match: '/node', target: 'http://127.0.0.1:9', token: 'user', acr: strong }],
    })
    const answer = await bff.handle(new Request(`${origin}/node/x`, { headers }))
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({
      code: 'insufficient_user_authentication',
      login_url: `/bff/login?${new URLSearchParams({ acr_values: strong })}`,
    })
    expect(house.arrived).toEqual([])
  })
  test('answers nobody with 401 not_signed_in, as ever', async () => {
    headers = { 'x-csrf': '1' }
    expect(await problemAt('/node/x')).toMatchObject({ status: 401, code: 'not_signed_in' })
  })
})

describe('an API that asks for more is put into words for the front end', () => {
  test('RFC 9470 §3: a stronger or fresher sign-in, without a renewal that would change nothing', async () => {
    const wanted = { error: 'insufficient_user_authentication', acr_values: strong, max_age: '60' }
    challenge = { status: 401, header: formatChallenge('Bearer', wanted) }
    expect(await problemAt('/node/x')).toMatchObject({
      status: 401,
      code: 'insufficient_user_authentication',
      login_url: `/bff/login?${new URLSearchParams({ acr_values: strong, max_age: '60' })}`,
    })
    expect([house.arrived.length, house.refreshes()]).toEqual([1, 0])
  })
  test('RFC 6750 §3.1: more rights', async () => {
    challenge = {
      status: 403,
      header: formatChallenge('Bearer', { error: 'insufficient_scope', scope: 'write:messages' }),
    }
    expect(await problemAt('/node/x')).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      detail: expect.stringContaining('write:messages'),
      login_url: '/bff/login?prompt=consent',
    })
  })
  test('a plain 403 is the API’s own', async () => {
    challenge = { status: 403, header: 'Basic realm="x"' }
    expect(await ask(`${house.door}/node/x`, { headers })).toMatchObject({ status: 403, body: 'no' })
  })
})

test.each([
  [{ token: 'none', dpop: true }, 'routes[0].dpop'],
  [{ token: 'exchange' }, 'routes[0].resource'],
  [{ token: 'none', acr: 'x' }, 'routes[0].acr'],
  [{ token: 'user', acr: 'two words' }, 'routes[0].acr'],
  [{ token: 'user', acr: [] }, 'routes[0].acr'],
  [{ token: 'user', answerSeconds: 0 }, 'routes[0].answerSeconds'],
] as const)('a route with %j is refused at start, at %s', (route, place) => {
  const routes = [{ match: '/x', target: 'http://127.0.0.1:9', ...route }] as never
  expect(() => house.another({ routes })).toThrow(place)
})
