import { ConfigError } from '@latchkey/protocol'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ApiGuardOptions, createApiGuard } from './api-guard.ts'
import type { GuardRequest } from './credentials.ts'
import { sha256, sha256Bytes } from './crypto.ts'
import { memoryReplayStore } from './replay-store.ts'
import { audience, type TestIssuer, testIssuer } from './test-issuer.ts'

let issuer: TestIssuer
const url = 'https://api.example.com/things?a=1'

beforeEach(async () => {
  issuer = await testIssuer()
})
afterEach(() => issuer.close())

function asker(options: Partial<ApiGuardOptions> = {}) {
  const own = { issuer: issuer.issuer, audience, runtime: issuer.runtime, publicOrigin: 'https://api.example.com' }
  const guard = createApiGuard({ ...own, ...options })
  return async (request: GuardRequest) => {
    const decision = await guard.authenticate({ method: 'GET', url: () => url, ...request })
    if (decision.outcome === 'anonymous') return { status: 200, sub: null }
    if (decision.outcome === 'admitted') {
      return { status: 200, sub: decision.auth.payload.sub, headers: decision.headers ?? {} }
    }
    const { status, headers, body } = decision.refusal
    const { error, detail } = JSON.parse(body) as { error?: string; detail: string }
    return { status, error, detail, headers, challenge: headers['www-authenticate'] }
  }
}

describe('DPoP', () => {
  let privateKey: CryptoKey
  let jwk: JWK
  let jkt: string
  let token: string
  let serial = 0

  beforeEach(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    privateKey = pair.privateKey
    jwk = await exportJWK(pair.publicKey)
    jkt = await calculateJwkThumbprint(jwk)
    token = await issuer.token({ cnf: { jkt } })
  })

  function proof(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const good = { jti: `proof-${serial++}`, htm: 'GET', htu: 'https://api.example.com/things', ath: sha256(token) }
    return new SignJWT({ ...good, iat: Math.floor(issuer.runtime.now()), ...claims })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })
      .sign(privateKey)
  }
  const sent = async (claims = {}, header = {}) => ({
    authorization: `DPoP ${token}`,
    dpop: await proof(claims, header),
  })

  test('RFC 9449 §7.1: a bound token passes with its proof', async () => {
    expect(await asker()(await sent())).toMatchObject({ status: 200, sub: 'alice' })
  })

  test('features 20, 41: a bound token never passes as Bearer, with a proof or without', async () => {
    const ask = asker()
    const refusal = { status: 401, error: 'invalid_token', challenge: expect.stringMatching(/^DPoP /) }
    expect(await ask({ authorization: `Bearer ${token}` })).toMatchObject(refusal)
    expect(await ask({ authorization: `Bearer ${token}`, dpop: await proof() })).toMatchObject(refusal)
  })

  test('features 41: a proof is accepted once', async () => {
    const ask = asker()
    const request = await sent()
    expect((await ask(request)).status).toBe(200)
    expect(await ask(request)).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
  })

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['another method', { htm: 'POST' }, {}],
    ['another address', { htu: 'https://api.example.com/other' }, {}],
    ['another host', { htu: 'https://evil.test/things' }, {}],
    ['no ath', { ath: undefined }, {}],
    ['the ath of another token', { ath: sha256('other') }, {}],
    ['an iat too old', { iat: 1 }, {}],
    ['an iat in the future', { iat: 4_000_000_000 }, {}],
    ['no jti', { jti: undefined }, {}],
    ['another typ', {}, { typ: 'JWT' }],
    ['no jwk', {}, { jwk: undefined }],
  ])('RFC 9449 §4.3: a proof with %s is refused', async (_title, claims, header) => {
    const refusal = await asker()(await sent(claims, header))
    expect(refusal).toMatchObject({ status: 401, error: 'invalid_dpop_proof' })
    expect(refusal.challenge).toMatch(/^DPoP .*algs="ES256/)
  })

  test('RFC 9449 §4.3: a private key in the proof, a missing and a garbled proof are refused', async () => {
    const ask = asker()
    const exported = await exportJWK(privateKey)
    for (const dpop of [await proof({}, { jwk: exported }), undefined, 'x.y', `${await proof()}, ${await proof()}`]) {
      expect(await ask({ authorization: `DPoP ${token}`, dpop })).toMatchObject({
        status: 401,
        error: 'invalid_dpop_proof',
      })
    }
  })

  test('RFC 9449 §6: a proof by another key is refused', async () => {
    const other = await generateKeyPair('ES256', { extractable: true })
    privateKey = other.privateKey
    jwk = await exportJWK(other.publicKey)
    expect(await asker()(await sent())).toMatchObject({ status: 401, error: 'invalid_token' })
  })

  test('RFC 9449 §9: with nonces a proof needs the current one, and is told it', async () => {
    const ask = asker({ dpop: { nonce: { lifetimeSeconds: 60 } } })
    const first = await ask(await sent())
    expect(first).toMatchObject({ status: 401, error: 'use_dpop_nonce' })
    const nonce = first.headers?.['dpop-nonce']
    expect(await ask(await sent({ nonce }))).toMatchObject({ status: 200, headers: { 'dpop-nonce': nonce } })
    issuer.runtime.advance(61)
    expect(await ask(await sent({ nonce }))).toMatchObject({ status: 401, error: 'use_dpop_nonce' })
  })

  test('required: bearer tokens are refused and only DPoP is offered', async () => {
    const ask = asker({ dpop: { mode: 'required' } })
    expect((await ask({ authorization: undefined })).challenge).toMatch(/^DPoP /)
    expect(await ask({ authorization: `Bearer ${await issuer.token()}` })).toMatchObject({ error: 'invalid_token' })
    expect((await ask(await sent())).status).toBe(200)
  })

  test('a public origin stands for the one that a proxy hides', async () => {
    const ask = asker({ publicOrigin: 'https://api.example.com' })
    const behind = { ...(await sent()), url: () => 'http://10.0.0.7:3001/things?a=1' }
    expect((await ask(behind)).status).toBe(200)
  })

  test('features 41: while nobody knows which proofs were used the answer is 503, never 200 and never 401', async () => {
    const replays = { remember: () => Promise.reject(new Error('the store is away')) }
    const answer = await asker({ dpop: { replays } })(await sent())
    expect(answer).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
    expect(answer.headers).toMatchObject({ 'retry-after': '1' })
  })

  test('features 41: a flood of proofs is refused for the moment, never let through unseen', () => {
    const replays = memoryReplayStore({ limit: 2 })
    expect([replays.remember('a', 10, 1), replays.remember('b', 10, 1), replays.remember('a', 10, 1)]).toEqual([
      true,
      true,
      false,
    ])
    expect(() => replays.remember('c', 10, 1)).toThrow('too many')
    expect(replays.remember('c', 20, 11)).toBe(true)
  })
})

describe('RFC 8705 §3: certificate-bound tokens', () => {
  const der = new Uint8Array([1, 2, 3])
  const header = `:${Buffer.from(der).toString('base64')}:`
  const bound = async () => `Bearer ${await issuer.token({ cnf: { 'x5t#S256': sha256Bytes(der) } })}`

  test('pass with their certificate alone', async () => {
    const ask = asker()
    const authorization = await bound()
    expect((await ask({ authorization, certificate: () => der })).status).toBe(200)
    expect((await ask({ authorization, certificate: () => new Uint8Array([9]) })).error).toBe('invalid_token')
    expect((await ask({ authorization })).error).toBe('invalid_token')
  })

  test('RFC 9440 §4: a Client-Cert header counts only where it is trusted', async () => {
    const request = { authorization: await bound(), clientCert: header }
    // The proxy has a certificate of its own on its connection to us.
    const fromProxy = { ...request, certificate: () => new Uint8Array([9]) }
    expect((await asker({ trustClientCertHeader: true })(fromProxy)).status).toBe(200)
    expect((await asker()(fromProxy)).status).toBe(401)
    expect((await asker()(request)).status).toBe(401)
    expect((await asker({ trustClientCertHeader: true })(request)).status).toBe(200)
  })

  test('a binding that is not understood is not waved through', async () => {
    const authorization = `Bearer ${await issuer.token({ cnf: { 'x5t#S256': sha256Bytes(der), jku: 'x' } })}`
    expect((await asker()({ authorization, certificate: () => der })).error).toBe('invalid_token')
  })
})

describe('features 38: other places for a token, by explicit setting', () => {
  test('RFC 6750 §2.1: one place alone is looked at beside the header, which always is', async () => {
    const token = await issuer.token()
    const ask = asker({ tokenPlaces: ['query'] })
    const query = `https://api.example.com/?access_token=${token}`
    const inQuery = { authorization: undefined, url: () => query }
    expect((await ask(inQuery)).status).toBe(200)
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask({ ...inQuery, authorization: `Bearer ${token}` })).status).toBe(400)
  })

  test('RFC 6750 §2.2, §2.3: query and form pass once allowed; the answer is private', async () => {
    const ask = asker({ tokenPlaces: ['header', 'form', 'query'] })
    const token = await issuer.token()
    const query = { authorization: undefined, url: () => `https://api.example.com/?access_token=${token}` }
    expect(await ask(query)).toMatchObject({ status: 200, headers: { 'cache-control': 'private' } })
    const form = { authorization: undefined, method: 'POST', form: () => ({ access_token: token }) }
    expect((await ask(form)).status).toBe(200)
    expect((await ask({ ...form, method: 'GET' })).status).toBe(401)
    expect(await ask({ ...form, authorization: `Bearer ${token}` })).toMatchObject({ error: 'invalid_request' })
    expect(await ask({ ...form, ...query, method: 'POST' })).toMatchObject({ error: 'invalid_request' })
  })
})

describe('several issuers', () => {
  test('each token is judged by its own issuer, with its own audience and algorithms', async () => {
    const second = await testIssuer('RS256')
    const ask = asker({
      issuers: [{ issuer: second.issuer, audience: 'urn:partner', algorithms: ['RS256'] }],
      algorithms: ['ES256'],
    })
    expect((await ask({ authorization: `Bearer ${await issuer.token()}` })).status).toBe(200)
    expect((await ask({ authorization: `Bearer ${await second.token({ aud: 'urn:partner' })}` })).status).toBe(200)
    expect((await ask({ authorization: `Bearer ${await second.token()}` })).error).toBe('invalid_token')
    const forged = await issuer.token({ iss: second.issuer, aud: 'urn:partner' })
    expect((await ask({ authorization: `Bearer ${forged}` })).error).toBe('invalid_token')
    await second.close()
  })

  test('features 43: the provider narrows the algorithms with its metadata', async () => {
    issuer.metadata = { ...issuer.metadata, access_token_signing_alg_values_supported: ['RS256'] }
    const authorization = `Bearer ${await issuer.token()}`
    expect((await asker()({ authorization })).error).toBe('invalid_token')
    expect((await asker({ algorithms: ['ES256'] })({ authorization })).status).toBe(200)
  })
})

describe('features 39: a looser profile, by explicit setting', () => {
  test('accepts other types without client_id and jti, and still no ID token', async () => {
    const ask = asker({ tokenProfile: 'loose' })
    for (const typ of ['JWT', undefined, 'at+jwt']) {
      const token = await issuer.token({ client_id: undefined, jti: undefined }, { typ })
      expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200)
    }
    for (const claims of [{ nonce: 'n' }, { at_hash: 'h' }, { events: {} }]) {
      const token = await issuer.token(claims, { typ: 'JWT' })
      expect((await ask({ authorization: `Bearer ${token}` })).error).toBe('invalid_token')
    }
    expect((await ask({ authorization: `Bearer ${await issuer.token({}, { typ: 'logout+jwt' })}` })).status).toBe(401)
  })
})

test('a watched token ends with its expiry', async () => {
  const guard = createApiGuard({ issuer: issuer.issuer, audience, runtime: issuer.runtime })
  const decision = await guard.authenticate({ authorization: `Bearer ${await issuer.token()}` })
  if (decision.outcome !== 'admitted') throw new Error('it should pass')
  issuer.runtime.advance(7200)
  expect(guard.watch(decision.auth).signal.reason).toBe('expired')
})

test('every problem of a guard’s options is said at once, whichever part they are of', () => {
  const options = {
    issuer: 'http://id.example.com',
    audience: '',
    publicOrigin: ['https://api.example.com/path'],
    resourceMetadata: '/metadata',
    tokenPlaces: ['cookie' as never],
    introspection: { clientId: '', cacheSeconds: -1, cachedTokens: 0.5 },
    revocations: { clientId: 'guard', clientSecret: 'secret', secretMethod: 'none' as never, limit: 1 },
    dpop: {
      mode: 'on' as never,
      algorithms: ['HS256'],
      maxAgeSeconds: 0,
      nonce: { lifetimeSeconds: 0, secret: new Uint8Array(31) },
    },
  }
  const said = (() => {
    try {
      createApiGuard(options)
    } catch (error) {
      return error instanceof ConfigError ? error.problems : []
    }
  })()
  const places = (said ?? []).map((problem) => problem.split(':', 1)[0]?.split(',', 1)[0])
  const dpop = ['mode', 'algorithms', 'maxAgeSeconds', 'nonce.lifetimeSeconds', 'nonce.secret'].map((n) => `dpop.${n}`)
  const introspection = ['clientId', 'clientSecret', 'cacheSeconds', 'cachedTokens'].map((n) => `introspection.${n}`)
  const revocations = ['revocations.secretMethod', 'revocations.limit']
  expect(places).toEqual(
    expect.arrayContaining([
      'audience',
      'publicOrigin',
      'resourceMetadata',
      'tokenPlaces',
      ...introspection,
      ...revocations,
      ...dpop,
    ]),
  )
  expect(() => createApiGuard({ issuer: 'https://id.example.com', audience: 'x', tokenPlaces: [] })).toThrow(
    'tokenPlaces',
  )
})
