import { expect } from 'vitest'
import { allow, type PushChanges } from './test-fapi-client.ts'
import { expectRefusal, type Modules, type Run } from './test-fapi-run.ts'
import { httpsSend } from './test-https.ts'

const invalid = ['invalid_request', 'invalid_request_object'] as const

/** What the authorization and the pushed authorization request endpoint must refuse, and what a `request_uri` is good for. */
export const parModules: Modules = {
  'ensure-request-object-without-redirect-uri-fails': (run) =>
    refusedPush(run, { request: { redirect_uri: undefined } }, ...invalid),
  'ensure-redirect-uri-in-authorization-request': (run) =>
    refusedPush(run, { request: { redirect_uri: undefined } }, ...invalid),
  'plain-fapi-tolerate-unregistered-redirect-uri': (run) => unregistered(run),
  'ensure-registered-redirect-uri': (run) => unregistered(run),
  'ensure-response-type-code-idtoken-fails': (run) =>
    refusedPush(run, { request: { response_type: 'code id_token' } }, ...responseTypeErrors),
  'ensure-response-type-token-fails': (run) =>
    refusedPush(run, { request: { response_type: 'token' } }, ...responseTypeErrors),
  'ensure-unsigned-authorization-request-without-using-par-fails': async (run) => {
    const client = await run.client()
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.client.clientId,
      redirect_uri: client.client.redirectUri,
      scope: run.variant.openid ? 'openid' : 'accounts',
      state: client.state,
      ...(run.variant.jarm ? { response_mode: 'jwt' } : {}),
    })
    const answer = await client.answerOf(await run.server.person().open(`/authorize?${query}`))
    expect(answer).toMatchObject({ error: 'invalid_request', state: client.state })
  },
  'par-ensure-reused-request-uri-prior-to-auth-completion-succeeds': async (run) => {
    const client = await run.client()
    const pushed = await client.push()
    const person = run.server.person()
    expect((await person.open(client.addressOf(pushed))).text).toContain('name="password"')
    const answer = await client.answerOf(await allow(person, await person.open(client.addressOf(pushed))))
    expect(await client.redeem(answer.code)).toMatchObject({ status: 200 })
  },
  'par-attempt-reuse-request_uri': async (run) => {
    const client = await run.client()
    const pushed = await client.push()
    const person = run.server.person()
    expect((await client.authorize(pushed, person)).code).toBeTruthy()
    await expectUsedUp(run, client.addressOf(pushed))
    expect((await person.open(client.addressOf(pushed))).text).toContain('invalid_request_uri')
  },
  'par-attempt-to-use-expired-request_uri': async (run) => {
    const client = await run.client()
    const pushed = await client.push()
    run.server.clock.advance(Number(pushed.body.expires_in))
    await expectUsedUp(run, client.addressOf(pushed))
  },
  'par-attempt-to-use-request_uri-for-different-client': async (run) => {
    const [client, other] = [await run.client(1), await run.client(2)]
    await expectUsedUp(run, client.addressOf(await client.push(), { client_id: other.client.clientId }))
  },
  'par-authorization-request-containing-request_uri-form-param': (run) =>
    refusedPush(run, { form: { request_uri: 'urn:ietf:params:oauth:request_uri:made-up' } }, ...invalid),
  'par-attempt-invalid-http-method': async ({ server }) => {
    const answer = await httpsSend()(new Request(`${server.issuer}/par`, { method: 'PUT', body: 'a=b' }))
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  },
  'par-ensure-pkce-required': (run) =>
    refusedPush(run, { request: { code_challenge: undefined, code_challenge_method: undefined } }, 'invalid_request'),
  'par-plain-pkce-rejected': async (run) => {
    const plain = { code_challenge: 'p'.repeat(43), code_challenge_method: 'plain' }
    await refusedPush(run, { request: plain }, 'invalid_request')
    await refusedPush(run, { request: { ...plain, code_challenge_method: undefined } }, 'invalid_request')
  },
  'par-without-duplicate-parameters': async (run) => {
    const client = await run.client()
    expect(await client.redeem((await client.authorize(await client.push())).code)).toMatchObject({ status: 200 })
  },
}

/** Where clients sign assertions. */
export const parAssertionModules: Modules = {
  'par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted': async (run) => {
    const client = await run.client()
    expect(await client.push({ assertion: { payload: ahead(run, 8) } })).toMatchObject({ status: 201 })
  },
  'par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails': (run) =>
    refusedPush(run, { assertion: { payload: ahead(run, 70) } }, 'invalid_client', 'invalid_request'),
  'par-test-array-as-audience-fails': (run) =>
    refusedAudience(run, [run.server.issuer, 'https://other.example.com'], [run.server.issuer]),
  'par-test-par-endpoint-url-as-audience-fails': (run) => refusedAudience(run, `${run.server.issuer}/par`),
  'par-test-token-endpoint-url-as-audience-fails': (run) => refusedAudience(run, `${run.server.issuer}/token`),
}

const responseTypeErrors = ['unsupported_response_type', 'invalid_request', 'unauthorized_client'] as const

function ahead({ server }: Run, seconds: number): Readonly<Record<string, number>> {
  const at = Math.floor(server.clock.now()) + seconds
  return { iat: at, nbf: at, exp: at + 60 }
}

export async function refusedPush(run: Run, changes: PushChanges, ...codes: readonly string[]): Promise<void> {
  const client = await run.client()
  expectRefusal(await client.push(changes), ...codes)
}

async function refusedAudience(run: Run, ...audiences: readonly unknown[]): Promise<void> {
  for (const aud of audiences)
    await refusedPush(run, { assertion: { payload: { aud } } }, 'invalid_client', 'invalid_request')
}

function unregistered(run: Run): Promise<void> {
  const redirect_uri = 'https://localhost.emobix.co.uk:8443/test/a/latchkey/callback/never-registered'
  return refusedPush(run, { request: { redirect_uri } }, ...invalid)
}

async function expectUsedUp({ server }: Run, address: string): Promise<void> {
  const page = await server.person().open(address)
  expect([page.status, page.leftTo]).toEqual([400, null])
  expect(page.text).toContain('invalid_request_uri')
}
