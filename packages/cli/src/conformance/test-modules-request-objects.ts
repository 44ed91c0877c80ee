import { expect } from 'vitest'
import { expectRefusal, type Modules, type Run } from './test-fapi-run.ts'
import { refusedPush } from './test-modules-par.ts'

/** Signed request objects: what is taken, and what is not. */
export const requestObjectModules: Modules = {
  'ensure-request-object-with-multiple-aud-succeeds': (run) =>
    accepted(run, { aud: [run.server.issuer, 'https://other.example.com'] }),
  'ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted': (run) => accepted(run, { nbf: nowOf(run) + 8 }),
  'ensure-request-object-without-exp-fails': (run) => refused(run, { exp: undefined }),
  'ensure-request-object-without-nbf-fails': (run) => refused(run, { nbf: undefined }),
  'ensure-expired-request-object-fails': (run) => refused(run, { exp: nowOf(run) - 300, nbf: nowOf(run) - 600 }),
  'ensure-request-object-with-bad-aud-fails': (run) => refused(run, { aud: 'https://other.example.com' }),
  'ensure-request-object-with-exp-over-60-fails': (run) => refused(run, { exp: nowOf(run) + 4200 }),
  'ensure-request-object-with-nbf-over-60-fails': (run) => refused(run, { nbf: nowOf(run) - 4200 }),
  'par-authorization-request-containing-request_uri': (run) =>
    refused(run, { request_uri: 'urn:ietf:params:oauth:request_uri:made-up' }),
  'ensure-signed-request-object-with-RS256-fails': (run) =>
    refusedPush(run, { object: { header: { alg: 'RS256' } } }, 'invalid_request_object'),
  'ensure-matching-key-in-authorization-request': async (run) => {
    const other = await run.client(2)
    await refusedPush(run, { object: { by: other.client } }, 'invalid_request_object')
  },
  'ensure-request-object-signature-algorithm-is-not-none': (run) =>
    respelled(run, (header, payload) => `${encoded({ ...decoded(header), alg: 'none' })}.${payload}.`),
  'ensure-request-object-with-invalid-signature-fails': (run) =>
    respelled(run, (header, payload, signature) => `${header}.${payload}.${signature.slice(0, -8)}AAAAAAAA`),
  'ensure-unsigned-request-at-par-endpoint-fails': async (run) => {
    const client = await run.client()
    const form = {
      response_type: 'code',
      redirect_uri: client.client.redirectUri,
      scope: run.variant.openid ? 'openid' : 'accounts',
      state: client.state,
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256',
    }
    expectRefusal(await client.post('/par', { form, proof: null }), 'invalid_request')
  },
}

function nowOf({ server }: Run): number {
  return Math.floor(server.clock.now())
}

async function accepted(run: Run, payload: Readonly<Record<string, unknown>>): Promise<void> {
  const client = await run.client()
  const answer = await client.authorize(await client.push({ object: { payload } }))
  expect(await client.redeem(answer.code)).toMatchObject({ status: 200 })
}

function refused(run: Run, payload: Readonly<Record<string, unknown>>): Promise<void> {
  return refusedPush(run, { object: { payload } }, 'invalid_request_object')
}

/** The JWT of a good request, spelled otherwise. */
async function respelled(
  run: Run,
  spell: (header: string, payload: string, signature: string) => string,
): Promise<void> {
  const { client, state } = await run.client()
  const now = nowOf(run)
  const claims = {
    iss: client.clientId,
    aud: run.server.issuer,
    nbf: now,
    exp: now + 300,
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: run.variant.openid ? 'openid' : 'accounts',
    state,
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  }
  const [header = '', payload = '', signature = ''] = (await client.sign(claims)).split('.')
  await refusedPush(run, { object: spell(header, payload, signature) }, 'invalid_request_object')
}

function decoded(part: string): object {
  return JSON.parse(Buffer.from(part, 'base64url').toString())
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
