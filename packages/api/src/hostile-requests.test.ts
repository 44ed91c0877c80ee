import { once } from 'node:events'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { dpopProof, type TestKey, testKey } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ApiGuardOptions } from './api-guard.ts'
import type { GuardRequest } from './credentials.ts'
import { nodeRequest } from './node-request.ts'
import { hostileKit, part, told } from './test-hostile.ts'
import { newKey, type TestIssuer, testIssuer } from './test-issuer.ts'

/** What a caller with no good will would try: each is refused with the usual words, and never with a 500. */
let issuer: TestIssuer
let kit: ReturnType<typeof hostileKit>
beforeEach(async () => {
  issuer = await testIssuer()
  kit = hostileKit(issuer)
})
afterEach(() => issuer.close())

const newGuard = (options: Partial<ApiGuardOptions> = {}) => kit.newGuard(options)
const bearer = (token: string, guard = kit.newGuard()) => kit.bearer(token, guard)
const invalid = { status: 401, error: 'invalid_token' }

describe('what is remembered', () => {
  test('a token that one guard has verified is nothing to a guard of another audience', async () => {
    const [here, there] = [newGuard(), newGuard({ audience: 'https://other.example.com' })]
    const token = await issuer.token()
    expect(await bearer(token, here)).toEqual({ status: 200 })
    expect(await bearer(token, there)).toMatchObject(invalid)
    expect(await bearer(token, here)).toEqual({ status: 200 })
  })

  test('two tokens with one jti are told apart: the claims of the first are not those of the second', async () => {
    const guard = newGuard()
    const subject = async (token: string) => {
      const decision = await guard.authenticate({ authorization: `Bearer ${token}` })
      return decision.outcome === 'admitted' ? decision.auth.payload.sub : decision.outcome
    }
    const [alice, bob] = [await issuer.token(), await issuer.token({ sub: 'bob' })]
    expect([await subject(alice), await subject(bob), await subject(alice)]).toEqual(['alice', 'bob', 'alice'])
    const [head, , signature] = alice.split('.')
    expect(await subject(`${head}.${bob.split('.')[1]}.${signature}`)).toBe('refused')
  })

  test('a token remembered under an issuer is refused once that issuer withdraws the key', async () => {
    const guard = newGuard()
    const token = await issuer.token()
    expect(await bearer(token, guard)).toEqual({ status: 200 })
    issuer.keys = [(await newKey('ES256', 'second')).publicJwk]
    issuer.runtime.advance(301)
    await bearer(token, guard)
    await expect.poll(async () => (await bearer(token, guard)).status).toBe(401)
  })
})

describe('credentials', () => {
  test.each([
    'Bearer  ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer "a"',
    'Bearer a\tb',
    'Bearer é',
    'Bearer a\u0000',
    'Bearer=a',
    'Bearer: a',
    'DPoP',
    'Bearer a, DPoP b',
    ',',
  ])('RFC 6750 §3.1: the header %j is malformed', async (authorization) => {
    expect(told(await newGuard().authenticate({ authorization })).status).toBeGreaterThanOrEqual(400)
    expect(told(await newGuard().authenticate({ authorization })).status).toBeLessThan(402)
    const optional = newGuard({ authRequired: false })
    expect((await optional.authenticate({ authorization })).outcome).toBe('refused') // features 40
  })

  test('a header of a megabyte is refused at once', async () => {
    const started = await bearer('a'.repeat(1_000_000))
    expect(started).toMatchObject(invalid)
    expect(await bearer(`${'a'.repeat(300_000)}.${'b'.repeat(300_000)}.${'c'.repeat(300_000)}`)).toMatchObject(invalid)
  })

  test('no header of a refusal can be broken into two', async () => {
    const guard = newGuard({ realm: 'a"b\r\nset-cookie: x=1' })
    const { challenge } = told(await guard.authenticate({ authorization: undefined }))
    expect(challenge).not.toMatch(/[\r\n]/)
    expect(new Headers({ 'www-authenticate': challenge ?? '' }).get('set-cookie')).toBeNull()
  })
})

/** What `node:http` makes of headers, as far as a guard looks. */
function nodeHeaders(headers: Record<string, string>) {
  return { headers, rawHeaders: Object.entries(headers).flat(), method: 'GET', socket: {} }
}

describe('DPoP', () => {
  let key: TestKey
  let token: string
  const address = 'https://api.example.com/things'
  beforeEach(async () => {
    key = await testKey()
    token = await issuer.token({ cnf: { jkt: key.jkt } })
  })
  const about = (changes: object = {}) => ({
    htm: 'GET',
    htu: address,
    now: issuer.runtime.now(),
    accessToken: token,
    ...changes,
  })
  const ask = async (proof: string, request: Partial<GuardRequest> = {}, guard = newGuard()) =>
    told(
      await guard.authenticate({
        authorization: `DPoP ${token}`,
        dpop: proof,
        method: 'GET',
        url: () => address,
        ...request,
      }),
    )

  test('RFC 9449 §11.1: a proof that somebody else was sent does not pass where the origin is said, whatever Host says', async () => {
    const elsewhere = await dpopProof(key, about({ htu: 'https://evil.test/things' }))
    const host = { url: () => 'https://evil.test/things' }
    expect(await ask(elsewhere, host, newGuard({ publicOrigin: 'https://api.example.com' }))).toMatchObject({
      status: 401,
      error: 'invalid_dpop_proof',
    })
  })

  test('a huge key of the caller’s own is not calculated with: it is not the token’s', async () => {
    const n = Buffer.alloc(2000, 0xff).toString('base64url')
    const header = { typ: 'dpop+jwt', alg: 'RS256', jwk: { kty: 'RSA', n, e: n } }
    const proof = await dpopProof(key, about())
    const payload = proof.split('.')[1]
    const huge = `${part(JSON.stringify(header))}.${payload}.${'A'.repeat(300)}`
    expect(await ask(huge)).toMatchObject({ status: 401, error: 'invalid_token' })
  })

  test('the same proof in other words is the same proof', async () => {
    const guard = newGuard()
    const jti = 'one'
    const first = await dpopProof(key, about(), { payload: { jti } })
    const again = await dpopProof(key, about(), { payload: { jti, more: 'words' } })
    expect(await ask(first, {}, guard)).toEqual({ status: 200 })
    expect(await ask(again, {}, guard)).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
  })

  test('a proof is remembered to the last second in which it could pass', async () => {
    const guard = newGuard()
    const ahead = await dpopProof(key, about(), { payload: { iat: issuer.runtime.now() + 4 } })
    expect(await ask(ahead, {}, guard)).toEqual({ status: 200 })
    for (let seconds = 0; seconds < 70; seconds++) {
      expect((await ask(ahead, {}, guard)).status).toBe(401)
      issuer.runtime.advance(1)
    }
  })

  test.each(['HEAD', 'get', 'GET ', 'POST'])(
    'RFC 9449 §4.3: a proof for the method %j is none for GET',
    async (htm) => {
      expect(await ask(await dpopProof(key, about({ htm })))).toMatchObject({
        status: 401,
        error: 'invalid_dpop_proof',
      })
    },
  )

  test.each([
    'https://api.example.com/things/../other',
    'https://api.example.com@evil.test/things',
    'http://api.example.com/things',
    'https://api.example.com:444/things',
    '//api.example.com/things',
    '/things',
    'https://api.example.com/THINGS',
  ])('RFC 9449 §4.3: a proof for %j is none for this address', async (htu) => {
    expect(await ask(await dpopProof(key, about({ htu })))).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
  })

  test.each([
    'api.example.com/things?',
    'evil.test@api.example.com',
    'api.example.com#',
    'api.example.com\\x',
    '',
    'a b',
  ])('RFC 9110 §7.2: a Host header %j does not move the path that a proof is held against', async (host) => {
    const request = nodeHeaders({ host, authorization: `DPoP ${token}`, dpop: await dpopProof(key, about()) })
    const decision = await newGuard().authenticate(nodeRequest({ ...request, url: '/admin' }))
    expect(told(decision)).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  test('a guard that is not handed the address of a request lets no bound token through, and says what is missing', async () => {
    const request = { authorization: `DPoP ${token}`, dpop: await dpopProof(key, about()), method: 'GET' }
    expect(told(await newGuard().authenticate(request))).toMatchObject({ status: 500, error: 'server_error' })
    expect(kit.errors.at(-1)).toMatchObject({ detail: expect.stringContaining('url: hand the address') })
  })

  test('over HTTP/2, which has no Host, a proof is held against the authority', async () => {
    const guard = newGuard({ publicOrigin: [] })
    const server = createHttp2(async (request, response) => {
      const decision = await guard.authenticate(nodeRequest(request as never))
      response.end(String(told(decision).status))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const session = connectHttp2(origin)
    const proof = await dpopProof(key, about({ htu: `${origin}/things` }))
    const stream = session.request({ ':path': '/things', authorization: `DPoP ${token}`, dpop: proof })
    let text = ''
    stream.on('data', (chunk) => {
      text += String(chunk)
    })
    await once(stream, 'end')
    expect(text).toBe('200')
    session.close()
    await new Promise((resolve) => server.close(resolve))
  })
})
