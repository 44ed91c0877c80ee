import {
  askWithProof as ask,
  publicForm as formOf,
  type ProofChanges,
  type TestKey,
  type TestProviderOptions,
  testKey,
  testProvider,
  userinfoWithProof as userinfo,
} from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

type Kit = Awaited<ReturnType<typeof testProvider>>

async function setUp(options: TestProviderOptions = {}) {
  return { ...(await testProvider(options)), key: await testKey() }
}

describe('DPoP at userinfo', () => {
  async function boundToken(kit: Kit & { key: TestKey }) {
    return (await ask(kit, kit.key, formOf(await kit.code({ client: 'spa' })))).body.access_token ?? ''
  }

  test('RFC 9449 §7: a bound token works with a proof of its key for this request', async () => {
    const kit = await setUp()
    expect((await userinfo(kit, { token: await boundToken(kit), key: kit.key })).status).toBe(200)
  })

  test('features 20, 41: a bound token is never a bearer token, in whichever way it is sent', async () => {
    const kit = await setUp({ queryAccessTokens: true })
    const token = await boundToken(kit)
    const answers = [
      await userinfo(kit, { token, key: kit.key, scheme: 'Bearer' }),
      await userinfo(kit, { token, key: null, scheme: 'Bearer' }),
      await kit.request('/userinfo', { method: 'POST', body: new URLSearchParams({ access_token: token }) }),
      await kit.request(`/userinfo?access_token=${token}`),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token".*, DPoP algs="/)
    }
  })

  test('features 10, 42: a bearer token with the scheme DPoP is refused in a DPoP challenge', async () => {
    const kit = await setUp()
    const { access_token: token } = await kit.signIn()
    const answer = await userinfo(kit, { token, key: kit.key })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_token".*algs="[A-Z0-9a-z ]+"$/)
  })

  const spoiled: readonly [string, ProofChanges][] = [
    ['of no token', { payload: { ath: undefined } }],
    ['of another token', { payload: { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' } }],
    ['for another method', { payload: { htm: 'POST' } }],
    ['for another address', { payload: { htu: 'https://id.example.com/token' } }],
    ['of yesterday', { payload: { iat: 1_799_913_600 } }],
    ['of another type', { header: { typ: 'JWT' } }],
  ]
  test.each(spoiled)('RFC 9449 §7.1: a proof %s is refused with 401', async (_, changes) => {
    const kit = await setUp()
    const answer = await userinfo(kit, { token: await boundToken(kit), key: kit.key }, changes)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP error="invalid_dpop_proof"/)
  })

  test('RFC 9449 §7.1: no proof, or one of another key, is refused', async () => {
    const kit = await setUp()
    const token = await boundToken(kit)
    const without = await userinfo(kit, { token, key: null })
    expect(await without.json()).toMatchObject({ error: 'invalid_dpop_proof' })
    const stolen = await userinfo(kit, { token, key: await testKey() })
    expect(stolen.status).toBe(401)
    expect(await stolen.json()).toMatchObject({ error: 'invalid_token' })
  })

  test('features 41: a replayed proof is refused', async () => {
    const kit = await setUp()
    const token = await boundToken(kit)
    const changes = { payload: { jti: 'the same' } }
    expect((await userinfo(kit, { token, key: kit.key }, changes)).status).toBe(200)
    expect((await userinfo(kit, { token, key: kit.key }, changes)).status).toBe(401)
  })

  test('pages of registered origins may read the nonce', async () => {
    const kit = await setUp()
    const response = await kit.request('/userinfo', { headers: { origin: 'https://spa.example.com' } })
    expect(response.headers.get('access-control-expose-headers')).toContain('dpop-nonce')
  })
})
