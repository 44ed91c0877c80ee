import { dpopProof, testKey } from '@latchkey/testing'
import { expect } from 'vitest'
import type { Answer, Changes, FapiClient } from './test-fapi-client.ts'
import { expectRefusal, type Modules, type Run } from './test-fapi-run.ts'
import { httpsSend } from './test-https.ts'

const bound = ['invalid_request', 'invalid_grant', 'invalid_dpop_proof'] as const

/** Proofs, and codes that are bound to their keys. */
export const dpopModules: Modules = {
  'check-dpop-proof-nbf-exp': (run) => withProofs(run, (now) => ({ nbf: now, exp: now + 300 })),
  'ensure-dpopproof-with-iat-10seconds-before-succeeds': (run) => withProofs(run, (now) => ({ iat: now - 10 })),
  'ensure-dpopproof-with-iat-10seconds-after-succeeds': (run) => withProofs(run, (now) => ({ iat: now + 10 })),
  'ensure-mismatched-dpop-jkt-fails': async (run) => {
    const client = await run.client()
    const request = { dpop_jkt: (await testKey()).jkt }
    expectRefusal(await client.push({ request, proof: {} }), 'invalid_request', 'invalid_dpop_proof')
  },
  'ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt': async (run) => {
    const client = await run.client()
    const { code } = await client.authorize(await client.push({ proof: {} }))
    expectRefusal(await client.redeem(code, { proof: { key: await testKey() } }), ...bound)
  },
  'ensure-token-endpoint-fails-with-mismatched-dpop-jkt': async (run) => {
    const client = await run.client()
    const { code } = await client.authorize(await client.push({ request: { dpop_jkt: (await testKey()).jkt } }))
    expectRefusal(await client.redeem(code), ...bound)
  },
  'ensure-dpopproof-at-par-endpoint-binding-success': (run) => succeeds(run, { proof: {} }),
  'ensure-dpop-auth-code-binding-success': async (run) => {
    const client = await run.client()
    const pushed = await client.push({ request: { dpop_jkt: client.key.jkt }, proof: {} })
    expect(await client.redeem((await client.authorize(pushed)).code)).toMatchObject({ status: 200 })
  },
  'dpop-negative-tests': negativeTests,
}

async function succeeds(run: Run, changes: Changes): Promise<void> {
  const client = await run.client()
  const tokens = await client.redeem((await client.authorize(await client.push(changes))).code, changes)
  expect(tokens).toMatchObject({ status: 200 })
  expect(await client.resource(tokens, changes)).toMatchObject({ status: 200 })
}

function withProofs(run: Run, payload: (now: number) => Readonly<Record<string, unknown>>): Promise<void> {
  return succeeds(run, { proof: { payload: payload(Math.floor(run.server.clock.now())) } })
}

async function negativeTests(run: Run): Promise<void> {
  const client = await run.client()
  const tokens = await run.tokens(client)
  const ask = asker(run, client, tokens)
  const now = Math.floor(run.server.clock.now())
  const url = client.resourceUrl
  for (const [what, payload] of [
    ['jti', { jti: undefined }],
    ['htm', { htm: undefined }],
    ['htu', { htu: undefined }],
    ['iat', { iat: undefined }],
    ['ath', { ath: undefined }],
    ['another htm', { htm: 'PUT' }],
    ['another htu', { htu: `${url}/other` }],
    ['an hour ahead', { iat: now + 3600 }],
    ['an hour ago', { iat: now - 3600 }],
    ['another ath', { ath: 'x'.repeat(43) }],
  ] as const)
    expect([what, await ask({ payload })]).toEqual([what, 401])
  for (const [what, header] of [
    ['no typ', { typ: undefined }],
    ['another typ', { typ: 'JWT' }],
    ['no jwk', { jwk: undefined }],
    ['a private jwk', { jwk: client.key.privateJwk }],
  ] as const)
    expect([what, await ask({ header })]).toEqual([what, 401])
  expect(await ask({ payload: { htu: `${url}?query=1#fragment` } })).toBe(200)
  expect(await ask({ payload: { extra: 1 }, header: { extra: 1 } })).toBe(200)
  expect(await ask({}, (proof) => ({ DPOP: proof }))).toBe(200)
  expect(await ask({}, (proof) => ({ dpop: `${proof}, ${proof}` }))).toBe(401)
  expect(await ask({}, (proof) => ({ dpop: proof.slice(5) }))).toBe(401)
  expect(await ask({}, (proof) => ({ dpop: `${proof.slice(0, -6)}AAAAAA` }))).toBe(401)
  expect(await ask({}, (proof) => ({ dpop: unsigned(proof) }))).toBe(401)
  expect(await ask({ key: await testKey() })).toBe(401)
  expect(await ask({ key: await testKey('RS256') })).toBe(401)
  expect([await ask({ payload: { jti: 'once' } }), await ask({ payload: { jti: 'once' } })]).toEqual([200, 401])
  expect(await ask({}, (proof) => ({ dpop: proof, authorization: `Bearer ${tokens.body.access_token}` }))).toBe(401)
}

interface Spoiled {
  readonly key?: FapiClient['key']
  readonly payload?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

/** Asks the resource with a spoiled proof; the answer's status. */
function asker({ server }: Run, client: FapiClient, { body }: Answer) {
  const accessToken = String(body.access_token)
  return async (
    { key = client.key, ...changes }: Spoiled,
    headers = (proof: string) => ({ dpop: proof }) as object,
  ) => {
    const about = { htm: 'GET', htu: client.resourceUrl, now: server.clock.now(), accessToken }
    const proof = await dpopProof(key, about, changes)
    const asked = { authorization: `DPoP ${accessToken}`, ...headers(proof) }
    return (await httpsSend(client.client.certificate)(new Request(client.resourceUrl, { headers: asked }))).status
  }
}

function unsigned(proof: string): string {
  const [header = '', payload = ''] = proof.split('.')
  const none = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), alg: 'none' }
  return `${Buffer.from(JSON.stringify(none)).toString('base64url')}.${payload}.`
}
