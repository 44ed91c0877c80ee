import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask, type NodeHouse, nodeHouse } from '../node-carrier/test-node-house.ts'

const testApi = 'https://api.example.com'
const orders = 'https://orders.example.com'
const grant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const resource = (identifier: string, scopes: string[]) => ({
  ...{ identifier, name: identifier, scopes, access_token_format: 'jwt' as const },
  access_token_signing_alg: 'ES256' as const,
})

let house: NodeHouse
let refuse: (token: string) => boolean
let headers: Record<string, string>
beforeEach(async () => {
  refuse = () => false
  house = await nodeHouse({
    api: (request, response) => {
      response.writeHead(refuse(String(request.headers.authorization)) ? 401 : 200).end('ok')
    },
    route: { token: 'exchange', resource: orders, scope: 'orders:read' },
    provider: { resources: [resource(testApi, ['read:messages']), resource(orders, ['orders:read'])] },
    client: {
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials', grant],
      resources: [testApi, orders],
      scope: 'openid profile email offline_access read:messages orders:read',
    },
  })
  headers = await house.headers()
})
afterEach(() => house.close())

const tokens = () => house.arrived.map((request) => String(request.headers.authorization).replace('Bearer ', ''))

describe('RFC 8693: a route whose tokens are exchanged', () => {
  test('reaches its API in the person’s name with a token for that API alone', async () => {
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(200)
    const [token = ''] = tokens()
    expect(decodeJwt(token)).toMatchObject({ sub: 'alice-1', client_id: 'bff', aud: orders, scope: 'orders:read' })
  })
  test('features 44: one exchange serves many calls, and each person has a token of their own', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ask(`${house.door}/node/x`, { headers })))
    expect(new Set(tokens()).size).toBe(1)
    await ask(`${house.door}/node/x`, { headers: await house.headers() })
    expect(new Set(tokens()).size).toBe(2)
  })
  test('a new token of the person’s brings a new one, and a refused one is exchanged anew', async () => {
    await ask(`${house.door}/node/x`, { headers })
    await house.bff.getUserAccessToken({ headers }, { forceRenewal: true })
    await ask(`${house.door}/node/x`, { headers })
    const before = tokens()
    expect(new Set(before).size).toBe(2)
    refuse = (token) => before.some((known) => token.endsWith(known))
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(200)
    expect(new Set(tokens()).size).toBe(3)
  })
  test('nobody signed in is nobody to exchange for, and neither is somebody whose session has ended', async () => {
    expect((await ask(`${house.door}/node/x`, { headers: { 'x-csrf': '1' } })).status).toBe(401)
    await ask(`${house.door}/node/x`, { headers })
    await house.bff.sessions.revoke({ sub: 'alice-1' })
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(401)
    expect(house.arrived).toHaveLength(1)
  })
})
