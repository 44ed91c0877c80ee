import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectAnswer as expectExactly } from '../test-answers.ts'
import { audience, type TestIssuer, testIssuer } from '../test-issuer.ts'
import { bare, type Expected, malformed, refused, resourceMetadataUrl, tokenRows } from '../test-requests.ts'
import { type TestApp, testApps } from './adapter-contract.ts'
import { requiredScopes } from './express.ts'

describe.each(Object.entries(testApps))('%s', (_name, createApp) => {
  let issuer: TestIssuer
  let app: TestApp

  beforeAll(async () => {
    issuer = await testIssuer()
    const guard = {
      issuerBaseURL: issuer.issuer,
      audience: [audience, 'urn:second'],
      runtime: issuer.runtime,
      resourceMetadata: resourceMetadataUrl,
    }
    const metadata = { resource: audience, authorizationServers: [issuer.issuer], scopesSupported: ['read:messages'] }
    app = await createApp({ guard, optional: { ...guard, authRequired: false }, metadata })
  })
  afterAll(async () => {
    await app.close()
    await issuer.close()
  })

  const expectAnswer = async (path: string, headers: Record<string, string>, expected: Expected) =>
    expectExactly(await fetch(app.origin + path, { headers }), expected)

  const bearer = async (claims: Record<string, unknown> = {}) => ({
    authorization: `Bearer ${await issuer.token(claims)}`,
  })

  test.each(tokenRows(() => issuer))('%s', async (_title, token, expected) => {
    await expectAnswer('/external', { authorization: `Bearer ${await token()}` }, expected)
  })

  test('RFC 9110 §11.1: the scheme is read in any letter case', async () => {
    await expectAnswer('/external', { authorization: `bEARER ${await issuer.token()}` }, { status: 200 })
  })

  test.each<[string, Record<string, string>, Expected]>([
    ['RFC 6750 §3.1: no credential gets a challenge without an error', {}, bare],
    ['features 42: another scheme gets a challenge without an error', { authorization: 'Basic YTpi' }, bare],
    ['RFC 6750 §3.1: Bearer without a token is a malformed request', { authorization: 'Bearer' }, malformed],
    ['RFC 6750 §3.1: two tokens in one header are a malformed request', { authorization: 'Bearer a b' }, malformed],
    ['RFC 6750 §3.1: a header joined from two is malformed', { authorization: 'Bearer a, Bearer b' }, malformed],
  ])('%s', (_title, headers, expected) => expectAnswer('/external', headers, expected))

  test('RFC 6750 §2: two Authorization headers are refused, not the first one taken', async () => {
    const token = await issuer.token()
    const text = await raw(
      `GET /external HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\nAuthorization: Bearer x\r\nconnection: close\r\n\r\n`,
    )
    expect(text).toMatch(/^HTTP\/1.1 400 /)
  })

  test('features 38: a token in the query or in the body is not looked at', async () => {
    const token = await issuer.token()
    await expectAnswer(`/external?access_token=${token}`, {}, bare)
    const body = new URLSearchParams({ access_token: token })
    expect((await fetch(`${app.origin}/external`, { method: 'POST', body })).status).toBe(401)
  })

  test('features 40: optional authentication lets no bad credential through', async () => {
    await expectAnswer('/optional', {}, { status: 200 })
    await expectAnswer('/optional', await bearer(), { status: 200 })
    await expectAnswer('/optional', await bearer({ aud: 'x' }), refused('the access token is for another audience'))
    await expectAnswer('/optional', { authorization: 'Basic YTpi' }, bare)
    await expectAnswer('/optional', { authorization: 'Bearer' }, malformed)
    await expectAnswer('/optional', { dpop: 'e30.e30.e30' }, bare)
  })

  test('features 36: while the provider cannot be reached and there are no keys the answer is 503, to optional requests too', async () => {
    const away = await testIssuer()
    const token = await away.token()
    await away.close()
    const guard = { issuer: away.issuer, audience, runtime: away.runtime }
    const metadata = { resource: audience, authorizationServers: [away.issuer] }
    const other = await createApp({ guard, optional: { ...guard, authRequired: false }, metadata })
    for (const path of ['/external', '/optional']) {
      const response = await fetch(other.origin + path, { headers: { authorization: `Bearer ${token}` } })
      const { headers } = response
      expect(response.status).toBe(503)
      expect([Number(headers.get('retry-after')) > 0, headers.get('www-authenticate')]).toEqual([true, null])
      expect(headers.get('content-type')).toBe('application/problem+json')
      expect(await response.json()).toEqual({
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        detail: 'access tokens cannot be verified right now: the authorization server cannot be reached',
        error: 'temporarily_unavailable',
      })
    }
    await other.close()
  })

  test('features 41: an unbound token under the scheme DPoP is refused', async () => {
    const expected = refused('the access token is not bound to a key: it was not issued for DPoP')
    await expectAnswer('/external', { authorization: `DPoP ${await issuer.token()}` }, { ...expected, scheme: 'DPoP' })
  })

  test.each([undefined, '', 'read:messagesx', 'read', 'READ:MESSAGES'])(
    'RFC 6750 §3.1: scope %j is insufficient',
    async (scope) => {
      const detail = 'the access token lacks a scope; needed: read:messages'
      const parameters = 'scope="read:messages"'
      const expected = { status: 403, error: 'insufficient_scope', detail, parameters }
      await expectAnswer('/messages', await bearer({ scope }), expected)
    },
  )

  test('scopes and claims that are there pass', async () => {
    const good = await bearer({
      tenant: 'acme',
      roles: ['reader', 'writer'],
      acr: 'mfa',
      auth_time: issuer.runtime.now(),
    })
    for (const path of ['/messages', '/any', '/tenant', '/roles', '/check', '/strong']) {
      await expectAnswer(path, good, { status: 200 })
    }
  })

  test('RFC 6750 §3.1: a token seen before gets the same answers, until it expires', async () => {
    const good = await bearer({ tenant: 'acme', exp: issuer.runtime.now() + 2 })
    const denied = { status: 403, error: 'insufficient_scope', detail: 'only Alice may' }
    const bob = await bearer({ sub: 'bob' })
    for (let time = 0; time < 3; time++) {
      for (const path of ['/external', '/messages', '/tenant', '/optional']) {
        await expectAnswer(path, good, { status: 200 })
      }
      await expectAnswer('/check', bob, denied)
    }
    issuer.runtime.advance(2)
    for (const path of ['/external', '/optional']) {
      await expectAnswer(path, good, refused('the access token expired'))
    }
  })

  test('a claim that is missing or different is 403', async () => {
    const detail = (name: string) => `the access token's claim '${name}' does not allow this`
    const failed = (said: string) => ({ status: 403, error: 'insufficient_scope', detail: said })
    await expectAnswer('/tenant', await bearer({ tenant: 'acmex' }), failed(detail('tenant')))
    await expectAnswer('/roles', await bearer({ roles: ['writer'] }), failed(detail('roles')))
    await expectAnswer('/roles', await bearer(), failed(detail('roles')))
    await expectAnswer('/check', await bearer({ sub: 'bob' }), failed('only Alice may'))
    const any = failed('the access token lacks a scope; enough is one of: admin read:messages')
    await expectAnswer('/any', await bearer({ scope: 'x' }), { ...any, parameters: 'scope="admin read:messages"' })
  })

  test('RFC 9470 §3: a sign-in too weak or too old is asked to step up', async () => {
    const parameters = 'acr_values="mfa", max_age="300"'
    const stepUp = { status: 401, error: 'insufficient_user_authentication', parameters }
    const now = issuer.runtime.now()
    const weak = { ...stepUp, detail: 'a different authentication level is required' }
    const old = { ...stepUp, detail: 'more recent authentication is required' }
    await expectAnswer('/strong', await bearer({ acr: 'pwd', auth_time: now }), weak)
    await expectAnswer('/strong', await bearer({ acr: 'mfa', auth_time: now - 301 }), old)
    await expectAnswer('/strong', await bearer({ acr: 'mfa' }), old)
  })

  test('without auth() before it a requirement keeps the route closed and says why', async () => {
    const response = await fetch(`${app.origin}/forgotten`)
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ detail: 'requiredScopes() needs auth() before it on this route' })
  })

  test('RFC 9728 §3: the API says who issues its tokens', async () => {
    const response = await fetch(`${app.origin}/.well-known/oauth-protected-resource`)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toMatchObject({ resource: audience, authorization_servers: [issuer.issuer] })
  })

  function raw(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(app.origin).port), '127.0.0.1', () => socket.write(request))
      let text = ''
      socket
        .setEncoding('utf8')
        .on('data', (chunk) => (text += chunk))
        .on('end', () => resolve(text))
        .on('error', reject)
    })
  }
})

test('naming no scope is refused at start', () => {
  expect(() => requiredScopes()).toThrow('name at least one scope')
})
