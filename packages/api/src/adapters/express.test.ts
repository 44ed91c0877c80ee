import { connect } from 'node:net'
import express from 'express'
import { exportSPKI, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audience, listen, newKey, type TestIssuer, testIssuer } from '../test-issuer.ts'
import { auth, requiredScopes } from './express.ts'

let issuer: TestIssuer
let origin: string
let close: () => Promise<void>

beforeAll(async () => {
  issuer = await testIssuer()
  const app = express()
  const guard = auth({ issuerBaseURL: issuer.issuer, audience: [audience, 'urn:second'], runtime: issuer.runtime })
  app.get('/external', guard, (req, res) => void res.json({ sub: req.auth?.payload.sub, typ: req.auth?.header.typ }))
  app.get('/messages', guard, requiredScopes('read:messages'), (_req, res) => void res.json({ messages: [] }))
  app.get('/both', guard, requiredScopes('read:messages write:messages'), (_req, res) => void res.json({}))
  app.get('/forgotten', requiredScopes('read:messages'), (_req, res) => void res.json({}))
  app.post('/external', express.urlencoded(), guard, (_req, res) => void res.json({}))
  ;({ origin, close } = await listen(app))
})
afterAll(async () => {
  await close()
  await issuer.close()
})

interface Expected {
  status: number
  error?: string
  detail?: string
  challenge?: string
}

async function expectAnswer(path: string, authorization: string | undefined, expected: Expected): Promise<void> {
  const response = await fetch(origin + path, { headers: authorization === undefined ? {} : { authorization } })
  const body = (await response.json()) as Record<string, unknown>
  expect({ status: response.status, error: body.error }).toEqual({ status: expected.status, error: expected.error })
  if (expected.status === 200) return
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(body).toMatchObject({ type: 'about:blank', status: expected.status, title: expect.any(String) })
  if (expected.detail !== undefined) expect(body.detail).toBe(expected.detail)
  expect(response.headers.get('www-authenticate')).toBe(expected.challenge ?? challenge(expected))
  expect(JSON.stringify(body)).not.toMatch(/at .*\(|node_modules|eyJ/)
}

function challenge({ error, detail }: Expected): string {
  return `Bearer realm="${audience}", error="${error}", error_description="${detail}"`
}

const notAccepted = 'the token is not an access token that this API accepts'
const refused = (detail: string): Expected => ({ status: 401, error: 'invalid_token', detail })
const bare: Expected = { status: 401, challenge: `Bearer realm="${audience}"` }
const malformed: Expected = {
  status: 400,
  error: 'invalid_request',
  detail: 'the Authorization header must be one credential: Bearer <token>',
}

function unsigned(header: object, payload: object, signature = 'c2ln'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}

function goodClaims(): object {
  const now = issuer.runtime.now()
  return { iss: issuer.issuer, aud: audience, sub: 's', client_id: 'c', jti: 'j', iat: now, exp: now + 60 }
}

describe('GET /external', () => {
  type Row = [title: string, token: () => string | Promise<string>, expected: Expected]
  const rows: Row[] = [
    ['a good token passes', () => issuer.token(), { status: 200 }],
    [
      'RFC 7519 §4.1.3: one of several audiences is enough',
      () => issuer.token({ aud: ['x', 'urn:second'] }),
      { status: 200 },
    ],
    [
      'RFC 7515 §4.1.9: application/at+jwt is at+jwt',
      () => issuer.token({}, { typ: 'application/AT+JWT' }),
      { status: 200 },
    ],
    ['features 39: an ID token (typ JWT) is refused', () => issuer.token({}, { typ: 'JWT' }), refused(notAccepted)],
    ['features 39: a JWT without typ is refused', () => issuer.token({}, { typ: undefined }), refused(notAccepted)],
    ['features 39: a logout token is refused', () => issuer.token({}, { typ: 'logout+jwt' }), refused(notAccepted)],
    [
      'RFC 9068 §4: another issuer is refused',
      () => issuer.token({ iss: 'https://evil.test' }),
      refused('the access token is from another issuer'),
    ],
    [
      'RFC 9068 §4: another audience is refused',
      () => issuer.token({ aud: `${audience}/` }),
      refused('the access token is for another audience'),
    ],
    [
      'RFC 9068 §4: no audience is refused',
      () => issuer.token({ aud: undefined }),
      refused('the access token is for another audience'),
    ],
    [
      'RFC 9068 §4: a token is refused from the second it expires',
      () => issuer.token({ exp: issuer.runtime.now() }),
      refused('the access token expired'),
    ],
    [
      'RFC 9068 §2.2: a token without exp is refused',
      () => issuer.token({ exp: undefined }),
      refused('the access token has no expiry'),
    ],
    [
      'RFC 7519 §4.1.5: a token before its nbf is refused',
      () => issuer.token({ nbf: issuer.runtime.now() + 60 }),
      refused('the access token is not valid yet'),
    ],
    [
      'a token from the future is refused',
      () => issuer.token({ iat: issuer.runtime.now() + 60 }),
      refused('the access token was issued in the future'),
    ],
    [
      'a token from a clock two seconds ahead passes',
      () => issuer.token({ iat: issuer.runtime.now() + 2 }),
      { status: 200 },
    ],
    [
      'RFC 9068 §2.2: a token without sub is refused',
      () => issuer.token({ sub: undefined }),
      refused('the access token lacks a claim'),
    ],
    [
      'RFC 9068 §2.2: a token without client_id is refused',
      () => issuer.token({ client_id: undefined }),
      refused('the access token lacks a claim'),
    ],
    [
      'RFC 9068 §2.2: a token without jti is refused',
      () => issuer.token({ jti: undefined }),
      refused('the access token lacks a claim'),
    ],
    [
      'features 20, 41: a token bound to a key is refused as Bearer',
      () => issuer.token({ cnf: { jkt: 'thumbprint' } }),
      refused('the access token is bound to a key and must not be sent as a bearer token'),
    ],
    [
      'RFC 8725 §3.1: alg none is refused',
      () => unsigned({ typ: 'at+jwt', alg: 'none' }, goodClaims()),
      refused(notAccepted),
    ],
    [
      'features 43: HS256 with the public key as its secret is refused',
      async () => {
        const pem = await exportSPKI(
          (await importJWK(issuer.key.publicJwk, 'ES256', { extractable: true })) as CryptoKey,
        )
        return issuer.token({}, { alg: 'HS256' }, { ...issuer.key, privateKey: new TextEncoder().encode(pem) })
      },
      refused(notAccepted),
    ],
    [
      'features 43: an alg of another key type than the kid is refused',
      async () => issuer.token({}, { kid: 'first' }, await newKey('RS256', 'first')),
      refused('the access token was signed with an unknown key'),
    ],
    [
      'RFC 7515 §4.1.11: crit is refused',
      () => unsigned({ typ: 'at+jwt', alg: 'ES256', kid: 'first', crit: ['b64'], b64: false }, goodClaims()),
      refused(notAccepted),
    ],
    [
      'RFC 8725 §3.10: a key that the token itself brings (jwk, jku) is not used',
      async () => {
        const own = await newKey('ES256', 'first')
        return issuer.token({}, { jwk: own.publicJwk, jku: 'http://127.0.0.1:1/jwks' }, own)
      },
      refused('the signature of the access token is wrong'),
    ],
    [
      'an unknown kid is refused',
      () => issuer.token({}, { kid: 'unheard-of' }),
      refused('the access token was signed with an unknown key'),
    ],
    [
      'a changed payload is refused',
      async () => {
        const [header, , signature] = (await issuer.token()).split('.')
        return [
          header,
          Buffer.from(JSON.stringify({ ...goodClaims(), sub: 'mallory' })).toString('base64url'),
          signature,
        ].join('.')
      },
      refused('the signature of the access token is wrong'),
    ],
    [
      'a signature cut short is refused',
      async () => (await issuer.token()).slice(0, -8),
      refused('the signature of the access token is wrong'),
    ],
    ['a header that is no JSON is refused', () => 'eA.eA.eA', refused(notAccepted)],
    ['an opaque token is refused', () => 'Zm9vYmFy', refused(notAccepted)],
    ['an encrypted token (five parts) is refused', () => 'e30.e30.e30.e30.e30', refused(notAccepted)],
  ]
  test.each(rows)('%s', async (_title, token, expected) => {
    await expectAnswer('/external', `Bearer ${await token()}`, expected)
  })

  test('RFC 9110 §11.1: the scheme is read in any letter case', async () => {
    await expectAnswer('/external', `bEARER ${await issuer.token()}`, { status: 200 })
  })
})

describe('credentials', () => {
  test.each<[string, string | undefined, Expected]>([
    ['RFC 6750 §3.1: no credential gets a challenge without an error', undefined, bare],
    ['features 42: another scheme gets a Bearer challenge without an error', 'Basic YTpi', bare],
    ['RFC 6750 §3.1: Bearer without a token is a malformed request', 'Bearer', malformed],
    ['RFC 6750 §3.1: two tokens in one header are a malformed request', 'Bearer a b', malformed],
    ['RFC 6750 §3.1: a header joined from two is a malformed request', 'Bearer a, Bearer b', malformed],
  ])('%s', (_title, authorization, expected) => expectAnswer('/external', authorization, expected))

  test('RFC 6750 §2: two Authorization headers are a malformed request, not the first one taken', async () => {
    const token = await issuer.token()
    const text = await raw(
      `GET /external HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\nAuthorization: Bearer x\r\nconnection: close\r\n\r\n`,
    )
    expect(text).toMatch(/^HTTP\/1.1 400 /)
    expect(text).toContain('"error":"invalid_request"')
  })

  test('features 38: a token in the query is not looked at', async () => {
    await expectAnswer(`/external?access_token=${await issuer.token()}`, undefined, bare)
  })

  test('features 38: a token in the body is not looked at', async () => {
    const body = new URLSearchParams({ access_token: await issuer.token() })
    const response = await fetch(`${origin}/external`, { method: 'POST', body })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, bare.challenge])
  })

  test('HEAD gets the same status and no body', async () => {
    const response = await fetch(`${origin}/external`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([401, ''])
  })
})

describe('requiredScopes', () => {
  test('RFC 6750 §3.1: a token with the scope passes', async () => {
    await expectAnswer('/messages', `Bearer ${await issuer.token()}`, { status: 200 })
  })

  test.each([undefined, '', 'read:messagesx', 'read', 'READ:MESSAGES'])(
    'RFC 6750 §3.1: scope %j is insufficient',
    async (scope) => {
      const detail = 'the access token lacks a scope; needed: read:messages'
      await expectAnswer('/messages', `Bearer ${await issuer.token({ scope })}`, {
        status: 403,
        error: 'insufficient_scope',
        detail,
        challenge: `Bearer error="insufficient_scope", error_description="${detail}", scope="read:messages"`,
      })
    },
  )

  test('every scope named is needed', async () => {
    const response = await fetch(`${origin}/both`, { headers: { authorization: `Bearer ${await issuer.token()}` } })
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ scope: 'read:messages write:messages' })
  })

  test('without auth() before it a route stays closed and says why', async () => {
    const response = await fetch(`${origin}/forgotten`)
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ detail: 'requiredScopes() needs auth() before it on this route' })
  })

  test('naming no scope is refused at start', () => {
    expect(() => requiredScopes()).toThrow('name at least one scope')
  })
})

function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(request))
    let text = ''
    socket
      .setEncoding('utf8')
      .on('data', (chunk) => (text += chunk))
      .on('end', () => resolve(text))
      .on('error', reject)
  })
}
