import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { expect } from 'vitest'
import { type Answer, allow, type FapiClient } from './test-fapi-client.ts'
import { expectEntropy, expectRefusal, type Modules, type Run } from './test-fapi-run.ts'
import { httpsSend } from './test-https.ts'

/** What a well behaved client does, and what it may leave out or make long. */
export const flowModules: Modules = {
  'discovery-end-point-verification': discovery,
  'happy-flow': happyFlow,
  'user-rejects-authentication': async (run) => {
    for (const which of [1, 2] as const) {
      const client = await run.client(which)
      const person = run.server.person()
      const page = await person.open(client.addressOf(await client.push()))
      const answer = await client.answerOf(await person.post(`${page.path}/cancel`, {}))
      expect(answer).toMatchObject({ error: 'access_denied', state: client.state, iss: run.server.issuer })
      const known = ['error', 'error_description', 'state', 'iss', 'dummy1', 'dummy2', 'aud', 'exp', 'iat']
      expect(Object.keys(answer).filter((name) => !known.includes(name))).toEqual([])
    }
  },
  'ensure-authorization-request-without-state-success': async (run) => {
    const client = await run.client()
    const answer = await client.authorize(await client.push({ request: { state: undefined } }))
    expect(answer.state).toBeUndefined()
    await expectWorks(client, answer.code)
  },
  'ensure-other-scope-order-succeeds': async (run) => {
    const client = await run.client()
    const scope = run.variant.openid ? 'profile openid' : 'accounts'
    await expectWorks(client, (await client.authorize(await client.push({ request: { scope } }))).code)
  },
  'access-token-type-header-case-sensitivity': async (run) => {
    const client = await run.client()
    const tokens = await run.tokens(client)
    for (const type of [String(tokens.body.token_type).toLowerCase(), String(tokens.body.token_type).toUpperCase()])
      expect(await client.resource(tokens, { header: `${type} ${tokens.body.access_token}` })).toMatchObject({
        status: 200,
      })
  },
  'ensure-different-state-inside-and-outside-request-object': (run) => outside(run, { state: 'another' }),
  'state-only-outside-request-object-not-used': async (run) => {
    const client = await run.client()
    const pushed = await client.push({ request: { state: undefined } })
    const person = run.server.person()
    const page = await person.open(client.addressOf(pushed, { state: 'outside', response_type: 'code' }))
    expect((await client.answerOf(await allow(person, page))).state).toBeUndefined()
  },
  'ensure-authorization-request-with-long-state': async (run) => {
    const client = await run.client()
    const state = 's'.repeat(1000)
    expect((await client.authorize(await client.push({ request: { state } }))).state).toBe(state)
  },
  'refresh-token': refreshToken,
}

/** The same where ID tokens are made. */
export const openidModules: Modules = {
  'ensure-authorization-request-without-nonce-success': (run) => withNonce(run, undefined),
  'ensure-request-object-with-64-char-nonce-success': (run) => withNonce(run, 'n'.repeat(64)),
  'ensure-authorization-request-with-long-nonce': (run) => withNonce(run, 'n'.repeat(384)),
  'ensure-different-nonce-inside-and-outside-request-object': (run) => outside(run, { nonce: 'another' }),
  'test-claims-parameter-identity-claims': identityClaims,
}

async function discovery({ variant, server }: Run): Promise<void> {
  const strong = ['ES256', 'EdDSA', 'PS256']
  const { metadata, issuer } = server
  expect(metadata).toMatchObject({ issuer, authorization_response_iss_parameter_supported: true })
  expect(metadata).toMatchObject({ code_challenge_methods_supported: ['S256'], response_types_supported: ['code'] })
  expect(metadata).toMatchObject({ require_pushed_authorization_requests: true })
  const told = metadata as unknown as Readonly<Record<string, readonly string[]>>
  const named = ['id_token', 'token_endpoint_auth', 'userinfo', 'dpop', 'request_object', 'authorization']
  for (const name of named) {
    const values = told[`${name}_signing_alg_values_supported`] ?? []
    expect([name, [...values].sort()]).toEqual([name, strong])
  }
  const method = variant.auth === 'mtls' ? 'tls_client_auth' : 'private_key_jwt'
  expect(metadata.token_endpoint_auth_methods_supported).toContain(method)
  expect(metadata).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
  expect(told.response_modes_supported).toContain('jwt')
  expect(told.authorization_encryption_alg_values_supported).toBeInstanceOf(Array)
  expect(told.authorization_encryption_enc_values_supported).toBeInstanceOf(Array)
  expect(metadata.scopes_supported).toEqual(expect.arrayContaining(['openid', 'accounts']))
  const endpoints = Object.entries(metadata).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri')
  expect(endpoints.filter(([, url]) => !String(url).startsWith('https://'))).toEqual([])
  const oauth = await httpsSend()(new Request(`${issuer}/.well-known/oauth-authorization-server`))
  expect([oauth.status, oauth.headers.get('content-type')]).toEqual([200, 'application/json'])
}

async function happyFlow(run: Run): Promise<void> {
  const clients = [await run.client(1), await run.client(2)] as const
  const tokens: Answer[] = []
  for (const [index, client] of clients.entries()) {
    const byKey = index === 1 && run.variant.sender === 'dpop' ? { dpop_jkt: client.key.jkt } : {}
    const pushed = await client.push({ request: byKey })
    expect(pushed).toMatchObject({ status: 201, body: { expires_in: expect.any(Number) } })
    expectEntropy(pushed.body.request_uri)
    const answer = await client.authorize(pushed)
    expect(answer).toMatchObject({ iss: run.server.issuer, state: client.state })
    expectEntropy(answer.code)
    const redeemed = await client.redeem(answer.code)
    await expectTokens(run, client, redeemed)
    expect(await client.resource(redeemed)).toMatchObject({ status: 200 })
    tokens.push(redeemed)
  }
  const [first, second] = clients
  const query = `?access_token=${tokens[0]?.body.access_token}`
  expect([400, 401]).toContain((await first.resource(tokens[0] as Answer, { header: '', query })).status)
  // The second client's token with what the first one holds.
  const stolen = { proof: { key: first.key }, certificate: first.client.certificate }
  expect((await second.resource(tokens[1] as Answer, stolen)).status).toBe(401)
}

/** @spec OIDC Core §3.1.3.7 */
async function expectTokens({ variant, server }: Run, client: FapiClient, tokens: Answer): Promise<void> {
  expect(tokens).toMatchObject({ status: 200, body: { expires_in: expect.any(Number) } })
  expect(tokens.body.token_type).toBe(variant.sender === 'dpop' ? 'DPoP' : 'Bearer')
  expectEntropy(tokens.body.access_token)
  expectEntropy(tokens.body.refresh_token)
  if (!variant.openid) return expect(tokens.body).not.toHaveProperty('id_token')
  const jwks = await (await httpsSend()(new Request(String(server.metadata.jwks_uri)))).json()
  const idToken = String(tokens.body.id_token)
  expect(decodeProtectedHeader(idToken)).toMatchObject({ alg: 'PS256', kid: expect.any(String) })
  const { payload } = await jwtVerify(idToken, createLocalJWKSet(jwks), {
    issuer: server.issuer,
    audience: client.client.clientId,
    currentDate: new Date(server.clock.now() * 1000),
  })
  expect(payload).toMatchObject({ nonce: client.nonce, auth_time: expect.any(Number) })
  expect(payload).not.toHaveProperty('name')
}

async function expectWorks(client: FapiClient, code: string | undefined): Promise<Answer> {
  const tokens = await client.redeem(code)
  expect(tokens).toMatchObject({ status: 200 })
  expect(await client.resource(tokens)).toMatchObject({ status: 200 })
  return tokens
}

async function withNonce(run: Run, nonce: string | undefined): Promise<void> {
  const client = await run.client()
  const tokens = await expectWorks(client, (await client.authorize(await client.push({ request: { nonce } }))).code)
  const [, payload = ''] = String(tokens.body.id_token).split('.')
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).nonce).toBe(nonce)
}

/** What stands in the address beside the request_uri changes nothing. @spec RFC 9126 §4; RFC 9101 §6.3 */
async function outside(run: Run, more: Readonly<Record<string, string>>): Promise<void> {
  const client = await run.client()
  const person = run.server.person()
  const page = await person.open(client.addressOf(await client.push(), more))
  const answer = await client.answerOf(await allow(person, page))
  expect(answer.state).toBe(client.state)
  const tokens = await expectWorks(client, answer.code)
  if (run.variant.openid) await expectTokens(run, client, tokens)
}

async function identityClaims(run: Run): Promise<void> {
  const client = await run.client()
  const standard = run.server.metadata.claims_supported?.filter((name) => !protocolClaims.includes(name)) ?? []
  const forms = [null, { essential: true }, { essential: false }]
  const asked = Object.fromEntries(standard.map((name, index) => [name, forms[index % forms.length]]))
  const claims = JSON.stringify({
    id_token: { ...asked, made_up: null },
    userinfo: { ...asked, made_up: null },
    elsewhere: {},
  })
  const tokens = await expectWorks(client, (await client.authorize(await client.push({ request: { claims } }))).code)
  const [, payload = ''] = String(tokens.body.id_token).split('.')
  const inToken = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const { body } = await client.resource(tokens)
  expect(body.sub).toBe(inToken.sub)
  for (const name of standard) expect([name, body[name] ?? inToken[name]]).not.toEqual([name, undefined])
  expect({ ...body, ...inToken }).not.toHaveProperty('made_up')
}

const protocolClaims = ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'at_hash', 'sid']

async function refreshToken(run: Run): Promise<void> {
  const [first, second] = [await run.client(1), await run.client(2)]
  const tokens = await run.tokens(first)
  const scope = run.variant.openid ? 'openid profile' : 'accounts'
  const renewed = await first.refresh(tokens, { form: { scope } })
  expect(renewed).toMatchObject({ status: 200 })
  expect(renewed.body.access_token).not.toBe(tokens.body.access_token)
  // @spec FAPI 2.0 §5.3.2.1: not rotated
  expect(renewed.body.refresh_token).toBe(tokens.body.refresh_token)
  expect(await first.resource(renewed)).toMatchObject({ status: 200 })
  const unproven = run.variant.sender === 'dpop' ? { proof: null } : { certificate: null }
  expectRefusal(await first.refresh(tokens, unproven), 'invalid_client', 'invalid_grant', 'invalid_request')
  const others = await run.tokens(second)
  expect(await second.refresh(others)).toMatchObject({ status: 200 })
  expectRefusal(await first.refresh(others), 'invalid_grant')
  expect(await second.refresh(others)).toMatchObject({ status: 200 })
}
