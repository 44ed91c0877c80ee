import { createMemoryStore } from '@latchkey/provider/memory-store'
import {
  askWithProof as ask,
  client,
  dpopProof,
  publicForm as formOf,
  type ProofChanges,
  type TestProviderOptions,
  testApi,
  testKey,
  testProvider,
  testRuntime,
  userinfoWithProof as userinfo,
} from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

type Kit = Awaited<ReturnType<typeof testProvider>>

const bound = client({
  client_id: 'bound',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['https://spa.example.com/cb'],
  dpop_bound_access_tokens: true,
})

async function setUp(options: TestProviderOptions = {}) {
  const kit = await testProvider({ moreClients: [bound], ...options })
  return { ...kit, key: await testKey() }
}

describe('DPoP at the token endpoint', () => {
  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])(
    'RFC 9449 §5: a proof signed with %s binds the tokens to its key',
    async (alg) => {
      const kit = await setUp()
      const key = await testKey(alg)
      const { status, body } = await ask(kit, key, formOf(await kit.code({ client: 'spa', resource: testApi })))
      expect(status).toBe(200)
      expect(body.token_type).toBe('DPoP')
      const claims = JSON.parse(Buffer.from(body.access_token?.split('.')[1] ?? '', 'base64url').toString())
      expect(claims.cnf).toEqual({ jkt: key.jkt })
    },
  )

  test('RFC 9449 §6.2: introspection tells the key of a bound token', async () => {
    const kit = await setUp()
    const { body } = await ask(kit, kit.key, formOf(await kit.code({ client: 'spa', resource: testApi })))
    const told = await (await kit.post('/introspect', 'api', { token: body.access_token ?? '' })).json()
    expect(told).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: kit.key.jkt } })
  })

  const now = 1_800_000_000
  const spoiled: readonly [string, ProofChanges][] = [
    ['typ is JWT', { header: { typ: 'JWT' } }],
    ['typ is missing', { header: { typ: undefined } }],
    ['jwk is missing', { header: { jwk: undefined } }],
    ['jwk is symmetric', { header: { jwk: { kty: 'oct', k: 'AAAA' } } }],
    ['jwk is of another key', { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } } }],
    ['htm is of another method', { payload: { htm: 'GET' } }],
    ['htm is in lower case', { payload: { htm: 'post' } }],
    ['htm is missing', { payload: { htm: undefined } }],
    ['htu is of another endpoint', { payload: { htu: 'https://id.example.com/userinfo' } }],
    ['htu is of another host', { payload: { htu: 'https://evil.example.com/token' } }],
    ['htu is http', { payload: { htu: 'http://id.example.com/token' } }],
    ['htu is missing', { payload: { htu: undefined } }],
    ['jti is missing', { payload: { jti: undefined } }],
    ['jti is empty', { payload: { jti: '' } }],
    ['iat is missing', { payload: { iat: undefined } }],
    ['iat is ten minutes ago', { payload: { iat: now - 600 } }],
    ['iat is ten minutes ahead', { payload: { iat: now + 600 } }],
  ]
  test.each(spoiled)('RFC 9449 §4.3: a proof is refused when %s', async (_, changes) => {
    const kit = await setUp()
    const answer = await ask(kit, kit.key, formOf(await kit.code({ client: 'spa' })), changes)
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } })
  })

  test('RFC 9449 §4.3: a private key in jwk, a second proof and a broken signature are refused', async () => {
    const kit = await setUp()
    const form = formOf(await kit.code({ client: 'spa' }))
    const withPrivate = { header: { jwk: kit.key.privateJwk } }
    expect((await ask(kit, kit.key, form, withPrivate)).body.error).toBe('invalid_dpop_proof')
    const proof = await dpopProof(kit.key, { htm: 'POST', htu: `${kit.issuer}/token`, now: kit.clock.now() })
    for (const dpop of [`${proof}, ${proof}`, `${proof.slice(0, -6)}AAAAAA`, 'x', `${proof}.x`]) {
      const body = new URLSearchParams(form as Record<string, string>)
      const response = await kit.request('/token', { method: 'POST', headers: { dpop }, body })
      expect((await response.json()).error).toBe('invalid_dpop_proof')
    }
    expect((await ask(kit, kit.key, form)).status).toBe(200)
  })

  test('RFC 9449 §4.3: query and fragment of htu do not count, nor how its host is written', async () => {
    const kit = await setUp()
    for (const htu of ['https://ID.example.com:443/token?a=b#c', 'https://id.example.com/%74oken']) {
      const form = formOf(await kit.code({ client: 'spa' }))
      expect((await ask(kit, kit.key, form, { payload: { htu } })).status).toBe(200)
    }
  })

  test('features 35, 41, RFC 9449 §11.1: a proof sent twice is refused, also at another node of the same store', async () => {
    const runtime = testRuntime()
    const store = createMemoryStore()
    const [here, there] = [await testProvider({ runtime, store }), await testProvider({ runtime, store })]
    const key = await testKey()
    const proof = await dpopProof(key, { htm: 'POST', htu: `${here.issuer}/token`, now: runtime.now() })
    const send = async (node: Kit) => {
      const body = new URLSearchParams(formOf(await here.code({ client: 'spa' })) as Record<string, string>)
      return (await node.request('/token', { method: 'POST', headers: { dpop: proof }, body })).json()
    }
    expect((await send(here)).token_type).toBe('DPoP')
    expect(await send(there)).toMatchObject({ error: 'invalid_dpop_proof' })
    expect(await send(here)).toMatchObject({ error: 'invalid_dpop_proof' })
  })

  test('RFC 9449 §5.2: a client that registered for it gets no tokens without a proof', async () => {
    const kit = await setUp()
    const code = formOf(await kit.code({ client: 'bound' }))
    expect(await ask(kit, null, code)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect((await ask(kit, kit.key, code)).body.token_type).toBe('DPoP')
  })

  test('RFC 9449 §10: a code bound by dpop_jkt is redeemed with that key alone', async () => {
    const kit = await setUp()
    const code = await kit.code({ client: 'spa', dpopJkt: kit.key.jkt })
    expect((await ask(kit, null, formOf(code))).body.error).toBe('invalid_request')
    expect((await ask(kit, await testKey(), formOf(code))).body.error).toBe('invalid_grant')
    expect((await ask(kit, kit.key, formOf(code))).status).toBe(200)
  })

  test('RFC 9449 §5: the refresh token of a public client is bound to its key', async () => {
    const kit = await setUp()
    const first = (await ask(kit, kit.key, formOf(await kit.code({ client: 'spa' })))).body
    const form = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: first.refresh_token ?? '' }
    expect((await ask(kit, null, form)).body.error).toBe('invalid_request')
    expect((await ask(kit, await testKey(), form)).body.error).toBe('invalid_grant')
    const next = await ask(kit, kit.key, form)
    expect(next.body.token_type).toBe('DPoP')
    const again = { ...form, refresh_token: next.body.refresh_token ?? '' }
    expect((await ask(kit, await testKey(), again)).body.error).toBe('invalid_grant')
    expect((await ask(kit, kit.key, again)).status).toBe(200)
  })

  test('RFC 9449 §5: a confidential client may take a new key at refresh, but no bearer token', async () => {
    const kit = await setUp()
    const secret = { client_id: 'post', client_secret: 'post-secret-post-secret-post-secret' }
    const code = await kit.code({ client: 'post', pkce: false })
    const first = (await ask(kit, kit.key, { ...code.form, ...secret })).body
    const form = { grant_type: 'refresh_token', ...secret, refresh_token: first.refresh_token ?? '' }
    expect((await ask(kit, null, form)).body.error).toBe('invalid_request')
    const other = await testKey()
    const renewed = await ask(kit, other, form)
    expect(renewed.status).toBe(200)
    expect((await userinfo(kit, { token: renewed.body.access_token ?? '', key: other })).status).toBe(200)
    expect((await userinfo(kit, { token: renewed.body.access_token ?? '', key: kit.key })).status).toBe(401)
    // The rotated one, within its grace, is for the key it was used with.
    expect((await ask(kit, await testKey(), form)).body.error).toBe('invalid_grant')
  })
})

describe('server nonces', () => {
  test('RFC 9449 §8: where nonces are required, the refusal brings one, and every node takes it', async () => {
    const runtime = testRuntime()
    const store = createMemoryStore()
    const options = { runtime, store, requireDpopNonces: true }
    const [here, there] = [await testProvider(options), await testProvider(options)]
    const key = await testKey()
    const form = formOf(await here.code({ client: 'spa' }))
    const refused = await ask(here, key, form)
    expect(refused).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } })
    expect(refused.nonce).toMatch(/^[A-Za-z0-9_-]{22}$/)
    const nonce = refused.nonce ?? ''
    expect((await ask(there, key, form, { payload: { nonce: `${nonce.slice(1)}A` } })).body.error).toBe(
      'use_dpop_nonce',
    )
    const answer = await ask(there, key, form, { payload: { nonce } })
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'DPoP' }, nonce })
    runtime.clock.advance(241)
    const late = await ask(here, key, formOf(await here.code({ client: 'spa' })), { payload: { nonce } })
    expect(late.body.error).toBe('use_dpop_nonce')
  })

  test('features 34: a client whose clock is four minutes off is given a nonce and gets its tokens', async () => {
    const kit = await setUp()
    for (const off of [-240, 240]) {
      const form = formOf(await kit.code({ client: 'spa' }))
      const iat = kit.clock.now() + off
      const refused = await ask(kit, kit.key, form, { payload: { iat } })
      expect(refused.body.error).toBe('use_dpop_nonce')
      expect((await ask(kit, kit.key, form, { payload: { iat, nonce: refused.nonce } })).status).toBe(200)
    }
  })

  test('RFC 9449 §8: a nonce that is needed costs neither the code nor a client assertion', async () => {
    const kit = await setUp({ requireDpopNonces: true })
    const form = formOf(await kit.code({ client: 'spa' }))
    const { nonce } = await ask(kit, kit.key, form)
    expect((await ask(kit, kit.key, form, { payload: { nonce } })).status).toBe(200)
  })

  test('RFC 9449 §9: userinfo asks for a nonce with a DPoP challenge', async () => {
    const kit = await setUp({ requireDpopNonces: true })
    const form = formOf(await kit.code({ client: 'spa' }))
    const { nonce } = await ask(kit, kit.key, form)
    const { body } = await ask(kit, kit.key, form, { payload: { nonce } })
    const token = body.access_token ?? ''
    const refused = await userinfo(kit, { token, key: kit.key })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP error="use_dpop_nonce"/)
    const next = refused.headers.get('dpop-nonce')
    expect((await userinfo(kit, { token, key: kit.key }, { payload: { nonce: next } })).status).toBe(200)
  })
})
