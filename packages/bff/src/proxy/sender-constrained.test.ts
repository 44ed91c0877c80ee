import type { IncomingMessage, RequestListener } from 'node:http'
import { auth } from '@latchkey/api/node'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { ask, type NodeHouse, type NodeHouseOptions, nodeHouse } from '../node-carrier/test-node-house.ts'

const testApi = 'https://api.example.com'
let house: NodeHouse
afterEach(() => house.close())

/** An API that takes bound tokens alone and wants a nonce of its own in every proof. */
async function open(options: Partial<NodeHouseOptions> = {}): Promise<Record<string, string>> {
  let gate: ReturnType<typeof auth> | undefined
  const guarded: RequestListener = async (request, response) => {
    if ((await gate?.(request, response)) === true) response.end('in')
  }
  house = await nodeHouse({ api: guarded, ...options, route: options.route ?? { dpop: true } })
  const nonce = { lifetimeSeconds: 30 }
  const { issuer } = house.provider
  gate = auth({ issuer, audience: testApi, runtime: house.runtime, dpop: { mode: 'required', nonce } })
  return house.headers()
}
const proofOf = ({ headers }: IncomingMessage) => String(headers.dpop)
const nonces = () => house.arrived.map((request) => decodeJwt(proofOf(request)).nonce)

describe('RFC 9449: a route with dpop', () => {
  test('reaches an API that takes bound tokens alone, with a proof for this very request', async () => {
    const headers = await open()
    const answer = await ask(`${house.door}/node/messages?page=2`, { headers: { ...headers, dpop: 'forged' } })
    expect(answer).toMatchObject({ status: 200, body: 'in' })
    const last = house.arrived.at(-1)
    expect(last?.headers.authorization).toMatch(/^DPoP eyJ/)
    const proof = decodeJwt(String(last?.headers.dpop))
    expect(proof.htm).toBe('GET')
    expect(proof.htu).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/messages$/)
    expect(answer.headers).not.toHaveProperty('dpop-nonce')
  })

  test('features 35: sends no proof twice, not even to repeat a request', async () => {
    const headers = await open()
    for (let round = 0; round < 3; round++) expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(200)
    const proofs = house.arrived.map(proofOf)
    expect(new Set(proofs).size).toBe(proofs.length)
    expect(new Set(proofs.map((proof) => decodeJwt(proof).jti)).size).toBe(proofs.length)
  })

  test('features 55: a nonce is kept for the origin that gave it, not for each URL, and for every session', async () => {
    const headers = await open()
    const other = await house.headers()
    for (const path of ['/node/a', '/node/b/c', '/node/d?e=f']) {
      expect((await ask(house.door + path, { headers })).status).toBe(200)
    }
    expect((await ask(`${house.door}/node/e`, { headers: other })).status).toBe(200)
    // One request more than were asked for: the first, which had no nonce yet.
    expect(house.arrived).toHaveLength(5)
    expect(nonces()[0]).toBeUndefined()
    expect(new Set(nonces().slice(1)).size).toBe(1)
  })

  test('features 55: a nonce that has had its time is replaced in the same call, its body sent again', async () => {
    const headers = await open()
    await ask(`${house.door}/node/x`, { headers })
    house.runtime.clock.advance(90)
    const answer = await ask(`${house.door}/node/x`, { method: 'POST', headers, body: 'again' })
    expect(answer.status).toBe(200)
    expect(new Set(nonces()).size).toBe(3)
  })

  test('each session has a key of its own, which survives renewals and other nodes and never leaves the server', async () => {
    const headers = await open()
    const jwkOf = () => JSON.stringify(decodeProtectedHeader(proofOf(house.arrived.at(-1) as IncomingMessage)).jwk)
    await ask(`${house.door}/node/x`, { headers })
    const mine = jwkOf()
    house.runtime.clock.advance(3600)
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(200)
    expect(jwkOf()).toBe(mine)
    const { bff, origin } = house.another()
    const request = new Request(`${origin}/node/x`, { headers })
    expect((await bff.handle(request)).status).toBe(200)
    expect(jwkOf()).toBe(mine)
    await ask(`${house.door}/node/x`, { headers: await house.headers() })
    expect(jwkOf()).not.toBe(mine)
    expect(mine).not.toContain('"d"')
  })

  test('the key is sealed with the tokens: the store has nothing that signs', async () => {
    const headers = await open()
    await ask(`${house.door}/node/x`, { headers })
    const rows = await house.store.list({ sub: 'alice-1' }, { limit: 10, now: house.runtime.now() })
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toMatch(/"(crv|d)\\?"|eyJ[\w-]+\.eyJ/)
  })

  test('tokens for other routes stay as they are, in the same session', async () => {
    const headers = await open()
    await ask(`${house.door}/node/x`, { headers })
    expect((await house.bff.handle(new Request(`${house.origin}/api/x`, { headers }))).status).toBe(200)
    const token = await house.bff.getUserAccessToken({ headers })
    expect(decodeJwt(token)).not.toHaveProperty('cnf')
  })

  test('the application’s own token is bound too', async () => {
    await open({ route: { dpop: true, token: 'client' } })
    expect((await ask(`${house.door}/node/x`, { headers: { 'x-csrf': '1' } })).status).toBe(200)
  })

  test('a bound token is refused as Bearer, so a copied one is worth nothing', async () => {
    const headers = await open({ route: {} })
    expect((await ask(`${house.door}/node/x`, { headers })).status).toBe(401)
  })
})
