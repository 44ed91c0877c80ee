import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { agentCertificate, derOf, dpopProof, selfSignedCertificate, type TestKey, testKey } from '@latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256Bytes } from '../crypto.ts'
import { expectAnswer } from '../test-answers.ts'
import { audience, type TestIssuer, testIssuer } from '../test-issuer.ts'
import { bareChallenge, type Expected, resourceMetadataUrl } from '../test-requests.ts'
import { type TestApp, type Tls, testApps } from './adapter-contract.ts'

const url = '/external'

describe.each(Object.entries(testApps))('%s', (name, createApp) => {
  let issuer: TestIssuer
  let key: TestKey
  const apps: TestApp[] = []

  beforeAll(async () => {
    issuer = await testIssuer()
    key = await testKey()
  })
  afterAll(async () => {
    for (const app of apps) await app.close()
    await issuer.close()
  })

  async function open(more: object = {}, tls?: Tls): Promise<TestApp> {
    const own = { issuer: issuer.issuer, audience, runtime: issuer.runtime, resourceMetadata: resourceMetadataUrl }
    const guard = { ...own, ...more }
    const metadata = { resource: audience, authorizationServers: [issuer.issuer] }
    const app = await createApp({ guard, optional: guard, metadata, tls })
    apps.push(app)
    return app
  }

  const bound = () => issuer.token({ cnf: { jkt: key.jkt } })
  const about = (app: TestApp, token: string, path = url) => ({
    htm: 'GET',
    htu: app.origin + path,
    now: issuer.runtime.now(),
    accessToken: token,
  })
  const wrongProof = (detail: string): Expected => ({
    status: 401,
    error: 'invalid_dpop_proof',
    detail,
    scheme: 'DPoP',
  })
  const wrongToken = (detail: string): Expected => ({ status: 401, error: 'invalid_token', detail, scheme: 'DPoP' })

  describe('DPoP', () => {
    let app: TestApp
    let token: string
    beforeAll(async () => {
      app = await open()
      token = await bound()
    })
    const ask = (proof: string | undefined, scheme = 'DPoP', given = token) =>
      fetch(app.origin + url, {
        headers: { authorization: `${scheme} ${given}`, ...(proof === undefined ? {} : { dpop: proof }) },
      })

    test('RFC 9449 §7.1: a bound token passes with its proof, whatever stands in the query', async () => {
      const response = await fetch(`${app.origin}${url}?page=2`, {
        headers: { authorization: `dpop ${token}`, dpop: await dpopProof(key, about(app, token)) },
      })
      expect([response.status, await response.json()]).toEqual([200, { sub: 'alice', scheme: 'DPoP' }])
    })

    test('features 41: a proof passes once', async () => {
      const proof = await dpopProof(key, about(app, token))
      await expectAnswer(await ask(proof), { status: 200 })
      await expectAnswer(await ask(proof), wrongProof('the DPoP proof was used before: make a new one'))
    })

    test('features 20, 41, 42: a bound token never passes as Bearer, with its proof or without', async () => {
      const detail = 'the access token is bound to a key and must not be sent as a bearer token'
      await expectAnswer(await ask(await dpopProof(key, about(app, token)), 'Bearer'), wrongToken(detail))
      await expectAnswer(await ask(undefined, 'Bearer'), wrongToken(detail))
    })

    test('RFC 9449 §4.3: without a proof, with two, and with one for elsewhere it is refused', async () => {
      const missing = 'the access token is bound to a key: send a DPoP proof with it'
      await expectAnswer(await ask(undefined), wrongProof(missing))
      const [one, two] = [await dpopProof(key, about(app, token)), await dpopProof(key, about(app, token))]
      expect((await ask(`${one}, ${two}`)).status).toBe(401)
      for (const changes of [{ htm: 'POST' }, { htu: `${app.origin}/messages` }, { htu: `https://evil.test${url}` }]) {
        const response = await ask(await dpopProof(key, about(app, token), { payload: changes }))
        expect(response.status).toBe(401)
        expect(response.headers.get('www-authenticate')).toMatch(/^DPoP .*error="invalid_dpop_proof"/)
      }
    })

    test('RFC 9449 §11.1: a proof that was made for another host does not pass by naming that host', async () => {
      const stolen = async () => ({
        host: 'evil.test',
        authorization: `DPoP ${token}`,
        dpop: await dpopProof(key, { ...about(app, token), htu: `http://evil.test${url}` }),
      })
      await expectAnswer(await sendAs(app, await stolen()), {
        status: 500,
        error: 'server_error',
        detail: 'this API does not know its own origin and cannot judge proofs',
      })
      const told = await open({ publicOrigin: ['https://api.example.com', 'https://api.example.net'] })
      const elsewhere = wrongProof('the DPoP proof cannot be accepted: htu is not the address of this request')
      await expectAnswer(await sendAs(told, await stolen()), elsewhere)
      for (const host of ['api.example.com', 'api.example.net']) {
        const proof = await dpopProof(key, { ...about(told, token), htu: `https://${host}${url}` })
        const headers = { host, authorization: `DPoP ${token}`, dpop: proof }
        await expectAnswer(await sendAs(told, headers), { status: 200 })
        await expectAnswer(await sendAs(told, { ...headers, host: `${host}.evil.test` }), {
          ...(host === 'api.example.com' ? wrongProof('the DPoP proof was used before: make a new one') : elsewhere),
        })
      }
    })

    test('RFC 9449 §6: a proof by another key, or for another token, is refused', async () => {
      const thief = await testKey()
      const stolen = await ask(await dpopProof(thief, about(app, token)))
      await expectAnswer(stolen, wrongToken('the access token is bound to another key'))
      const other = await dpopProof(key, about(app, await issuer.token({ jti: 'other', cnf: { jkt: key.jkt } })))
      expect((await ask(other)).status).toBe(401)
    })

    test('RFC 9449 §9: with nonces the first proof is answered with one, and the next passes', async () => {
      const strict = await open({ dpop: { nonce: {} } })
      const send = async (nonce?: string) =>
        fetch(strict.origin + url, {
          headers: {
            authorization: `DPoP ${token}`,
            dpop: await dpopProof(key, about(strict, token), { payload: { nonce } }),
          },
        })
      const first = await send()
      const nonce = first.headers.get('dpop-nonce') ?? ''
      const detail = 'the DPoP proof needs the nonce of the DPoP-Nonce header'
      await expectAnswer(first, { status: 401, error: 'use_dpop_nonce', detail, scheme: 'DPoP' })
      const second = await send(nonce)
      expect([second.status, second.headers.get('dpop-nonce')]).toEqual([200, nonce])
    })

    test('features 42: an API that takes bound tokens alone names no other scheme', async () => {
      const strict = await open({ dpop: { mode: 'required' } })
      const only = bareChallenge.replace(/^.*, DPoP/, 'DPoP')
      await expectAnswer(await fetch(strict.origin + url), { status: 401, challenge: only })
      const bearer = await fetch(strict.origin + url, { headers: { authorization: `Bearer ${await issuer.token()}` } })
      await expectAnswer(bearer, {
        status: 401,
        error: 'invalid_token',
        detail: 'this API takes only tokens bound to a key',
        scheme: 'DPoP',
      })
    })
  })

  describe('certificates', () => {
    const certificate = { 'x5t#S256': sha256Bytes(derOf(agentCertificate.cert)) }
    const refused = (why: string): Expected => ({
      status: 401,
      error: 'invalid_token',
      detail: `the access token is bound to a client certificate: ${why}`,
    })

    // A Fetch request of Next's knows nothing of its connection: there a proxy has to say it.
    const seesConnection = !name.startsWith('Next')
    test(`RFC 8705 §3: a bound token passes over a connection with its certificate alone${seesConnection ? '' : ', which Next cannot see: it is refused'}`, async () => {
      const app = await open({}, selfSignedCertificate)
      const bearer = { authorization: `Bearer ${await issuer.token({ cnf: certificate })}` }
      const none = refused('no client certificate came')
      const another = refused('another client certificate came')
      await expectAnswer(await sendAs(app, bearer, agentCertificate), seesConnection ? { status: 200 } : none)
      await expectAnswer(await sendAs(app, bearer, selfSignedCertificate), seesConnection ? another : none)
      await expectAnswer(await sendAs(app, bearer), none)
    })

    test('RFC 9440 §4: the header of a proxy counts where it is trusted, and nowhere else', async () => {
      const headers = {
        authorization: `Bearer ${await issuer.token({ cnf: certificate })}`,
        'client-cert': `:${Buffer.from(derOf(agentCertificate.cert)).toString('base64')}:`,
      }
      const trusting = await open({ trustClientCertHeader: true })
      await expectAnswer(await fetch(trusting.origin + url, { headers }), { status: 200 })
      const other = { ...headers, 'client-cert': ':AAAA:' }
      await expectAnswer(
        await fetch(trusting.origin + url, { headers: other }),
        refused('another client certificate came'),
      )
      await expectAnswer(await fetch((await open()).origin + url, { headers }), refused('no client certificate came'))
    })
  })

  describe('features 38: tokens elsewhere, by explicit setting', () => {
    let app: TestApp
    beforeAll(async () => {
      app = await open({ tokenPlaces: ['header', 'form', 'query'] })
    })
    const twice: Expected = {
      status: 400,
      error: 'invalid_request',
      detail: 'the request has more than one access token',
    }
    const post = (body: BodyInit, headers: Record<string, string> = {}) =>
      fetch(app.origin + url, { method: 'POST', body, headers })

    test('RFC 6750 §2.3: one in the query passes, and the answer is private', async () => {
      const response = await fetch(`${app.origin}${url}?access_token=${await issuer.token()}`)
      expect(response.headers.get('cache-control')).toBe('private')
      await expectAnswer(response, { status: 200 })
    })

    test('RFC 6750 §2.2: one in a form passes; in JSON or another body it is not looked at', async () => {
      const token = await issuer.token()
      await expectAnswer(await post(new URLSearchParams({ access_token: token })), { status: 200 })
      const json = await post(JSON.stringify({ access_token: token }), { 'content-type': 'application/json' })
      await expectAnswer(json, { status: 401, challenge: bareChallenge })
    })

    test('a form of several megabytes is not held for the sake of a token, whoever sends it', async () => {
      // A server may hang up on who goes on sending, so it is one of its own.
      const { origin } = await open({ tokenPlaces: ['header', 'form'] })
      const filler = 'x'.repeat(3 * 1024 * 1024)
      const body = new URLSearchParams({ filler, access_token: await issuer.token() })
      const { status } = await fetch(origin + url, { method: 'POST', body })
      // Where the framework parses, its own limit counts; the parser of this test on bare Node has none.
      expect(status).toBe(/^(Hono|Next)/.test(name) ? 400 : name === 'bare Node' ? 200 : 413)
    })

    test('RFC 6750 §2: two tokens are refused, wherever they stand, also when they are the same', async () => {
      const token = await issuer.token()
      const headers = { authorization: `Bearer ${token}` }
      await expectAnswer(await fetch(`${app.origin}${url}?access_token=${token}`, { headers }), twice)
      await expectAnswer(await fetch(`${app.origin}${url}?access_token=${token}&access_token=${token}`), twice)
      await expectAnswer(await post(new URLSearchParams({ access_token: token }), headers), twice)
    })

    test('a wrong one in the query is refused as any other', async () => {
      const response = await fetch(`${app.origin}${url}?access_token=${await issuer.token({ aud: 'x' })}`)
      await expectAnswer(response, {
        status: 401,
        error: 'invalid_token',
        detail: 'the access token is for another audience',
      })
    })

    test('features 20: a bound token passes in neither', async () => {
      const token = await bound()
      const refusal = wrongToken('the access token is bound to a key and must not be sent as a bearer token')
      await expectAnswer(await fetch(`${app.origin}${url}?access_token=${token}`), refusal)
      await expectAnswer(await post(new URLSearchParams({ access_token: token })), refusal)
    })
  })
})

/** A request with headers of its own, `Host` among them, and over TLS with a client certificate or none. */
function sendAs({ origin }: TestApp, headers: Record<string, string>, certificate?: Tls): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = origin.startsWith('https:') ? tlsRequest : plainRequest
    // The server's certificate is nobody's.
    const options = { ...certificate, rejectUnauthorized: false, headers, agent: false as const }
    const asked = request(origin + url, options, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += String(chunk)
      const given = Object.entries(answer.headers).filter(([, value]) => typeof value === 'string')
      resolve(new Response(text, { status: answer.statusCode ?? 0, headers: given as [string, string][] }))
    })
    asked.on('error', reject).end()
  })
}
