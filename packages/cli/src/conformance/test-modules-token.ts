import { type ConnectionOptions, connect } from 'node:tls'
import { expect } from 'vitest'
import type { Changes, FapiClient } from './test-fapi-client.ts'
import { expectRefusal, type Modules, type Run } from './test-fapi-run.ts'

/** What the token endpoint must refuse. */
export const tokenModules: Modules = {
  'ensure-client-id-in-token-endpoint': async (run) => {
    const [client, other] = [await run.client(1), await run.client(2)]
    const { clientId } = other.client
    const payload = { iss: clientId, sub: clientId }
    const answer = await client.redeem(await codeOf(client), { form: { client_id: clientId }, assertion: { payload } })
    expectRefusal(answer, 'invalid_client', 'invalid_grant')
  },
  'ensure-holder-of-key-required': async (run) => {
    await expectStrongTls(run)
    const client = await run.client()
    const code = await codeOf(client)
    if (run.variant.sender === 'dpop')
      expectRefusal(
        await client.redeem(code, { proof: null }),
        'invalid_request',
        'invalid_grant',
        'invalid_dpop_proof',
      )
    else
      expectRefusal(
        await client.redeem(code, { certificate: null }),
        'invalid_client',
        'invalid_grant',
        'invalid_request',
      )
  },
  'ensure-authorization-code-is-bound-to-client': async (run) => {
    const [client, thief] = [await run.client(1), await run.client(2)]
    const form = { code_verifier: client.verifier, redirect_uri: client.client.redirectUri }
    expectRefusal(await thief.redeem(await codeOf(client), { form }), 'invalid_grant')
  },
  'attempt-reuse-authorization-code-after-one-second': async (run) => {
    const client = await run.client()
    const code = await codeOf(client)
    const tokens = await client.redeem(code)
    expect(await client.resource(tokens)).toMatchObject({ status: 200 })
    run.server.clock.advance(1)
    expectRefusal(await client.redeem(code), 'invalid_grant')
    if (run.variant.openid) expect((await client.resource(tokens)).status).toBe(401)
  },
  'ensure-token-endpoint-fails-with-expired-auth-code': async (run) => {
    const client = await run.client()
    const code = await codeOf(client)
    run.server.clock.advance(62)
    expectRefusal(await client.redeem(code), 'invalid_grant')
  },
  'ensure-pkce-code-verifier-required': (run) =>
    refusedToRedeem(run, { form: { code_verifier: undefined } }, 'invalid_grant'),
  'incorrect-pkce-code-verifier-rejected': (run) =>
    refusedToRedeem(run, { form: { code_verifier: 'another'.repeat(8) } }, 'invalid_grant'),
}

/** Where clients sign assertions. */
export const assertionModules: Modules = {
  'ensure-signed-client-assertion-with-RS256-fails': (run) =>
    refusedToRedeem(run, { assertion: { header: { alg: 'RS256' } } }, 'invalid_client'),
  'ensure-client-assertion-in-token-endpoint': (run) =>
    refusedToRedeem(run, { assertion: null }, 'invalid_client', 'invalid_request'),
  'ensure-client-assertion-with-exp-is-5-minutes-in-past-fails': (run) => {
    const exp = Math.floor(run.server.clock.now()) - 300
    return refusedToRedeem(run, { assertion: { payload: { exp } } }, 'invalid_client', 'invalid_request')
  },
  'ensure-client-assertion-with-wrong-aud-fails': (run) =>
    refusedToRedeem(
      run,
      { assertion: { payload: { aud: 'https://other.example.com' } } },
      'invalid_client',
      'invalid_request',
    ),
  'ensure-client-assertion-with-no-sub-fails': (run) =>
    refusedToRedeem(run, { assertion: { payload: { sub: undefined } } }, 'invalid_client', 'invalid_request'),
}

async function codeOf(client: FapiClient): Promise<string | undefined> {
  return (await client.authorize(await client.push())).code
}

async function refusedToRedeem(run: Run, changes: Changes, ...codes: readonly string[]): Promise<void> {
  const client = await run.client()
  const code = await codeOf(client)
  expectRefusal(await client.redeem(code, changes), ...codes)
}

const weak = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'AES128-GCM-SHA256',
]

/** @spec FAPI 2.0 §5.2.2; RFC 9325 §3.1.1, §4.2 */
async function expectStrongTls({ server }: Run): Promise<void> {
  const { port } = new URL(server.issuer)
  const at = (options: ConnectionOptions) =>
    handshake({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false, ...options })
  const only12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
  expect(await at({})).toBe('TLSv1.3')
  expect(await at({ ...only12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256' })).toBe('TLSv1.2')
  for (const ciphers of weak) expect([ciphers, await at({ ...only12, ciphers })]).toEqual([ciphers, null])
  for (const version of ['TLSv1', 'TLSv1.1'] as const)
    expect(await at({ minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' })).toBeNull()
}

/** The version agreed on, or null where the server refuses. */
function handshake(options: ConnectionOptions): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(options, () => {
      resolve(socket.getProtocol())
      socket.destroy()
    })
    socket.once('error', () => resolve(null))
  })
}
