import { client, testKey, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import type { CibaOptions } from './ciba-options.ts'

const grant_type = 'urn:openid:params:grant-type:ciba'
const key = await testKey('ES256')
const keyed = {
  client_secret: 'till-secret-till-secret-till',
  grant_types: [grant_type],
  jwks: { keys: [{ ...key.publicJwk }] },
}
const clients = [
  client({ client_id: 'signing', ...keyed, backchannel_authentication_request_signing_alg: 'ES256' }),
  client({ client_id: 'free', ...keyed }),
  client({ client_id: 'coded', ...keyed, backchannel_user_code_parameter: true }),
]

async function open(ciba: CibaOptions = {}) {
  const kit = await testProvider({ moreClients: clients, ciba })
  const now = () => Math.floor(kit.clock.now())
  let serial = 0
  const signed = (changes: Record<string, unknown> = {}, header = {}) => {
    const times = { iat: now(), nbf: now(), exp: now() + 300 }
    const standing = { iss: 'signing', aud: kit.issuer, jti: `request-${serial++}`, ...times }
    return key.sign({ ...standing, scope: 'openid', login_hint: 'alice', ...changes }, header)
  }
  const send = async (form: Record<string, string>, from = 'signing') => {
    const response = await kit.post('/bc-authorize', from, form)
    return { status: response.status, body: await response.json() }
  }
  return { ...kit, signed, send, now }
}

describe('signed authentication requests', () => {
  test('CIBA Core §7.1.1: what is signed counts, with every parameter inside', async () => {
    const { send, signed } = await open()
    const request = await signed({ requested_expiry: 120, binding_message: 'W4SCT' })
    expect(await send({ request })).toMatchObject({ status: 200, body: { expires_in: 120 } })
    expect(await send({ request: await signed({ iss: 'free' }) }, 'free')).toMatchObject({ status: 200 })
  })

  test('CIBA Core §7.1.1: nothing but the proof of the client stands beside it', async () => {
    const { send, signed } = await open()
    const answer = await send({ request: await signed(), login_hint: 'root' })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  test('CIBA Core §4: a client that registered to sign is refused without a signature', async () => {
    const { send } = await open()
    const answer = await send({ scope: 'openid', login_hint: 'alice' })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect((await send({ scope: 'openid', login_hint: 'alice' }, 'free')).status).toBe(200)
  })

  test.each([
    ['another issuer', { iss: 'free' }],
    ['another audience', { aud: 'https://other.example.com' }],
    ['no audience', { aud: undefined }],
    ['no exp', { exp: undefined }],
    ['no iat', { iat: undefined }],
    ['no nbf', { nbf: undefined }],
    ['no jti', { jti: undefined }],
    ['an exp of the past', { exp: 1_799_999_000, nbf: 1_799_998_000 }],
    ['an nbf of the future', { nbf: 1_800_000_060 }],
    ['two hours', { exp: 1_800_007_200 }],
  ])('CIBA Core §7.1.1: a request with %s is refused', async (_, changes) => {
    const { send, signed } = await open()
    const answer = await send({ request: await signed(changes) })
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })

  test('CIBA Core §7.1.1: it is used once, by the key of its client, with the algorithm that was registered', async () => {
    const { send, signed } = await open()
    const request = await signed()
    expect([(await send({ request })).status, (await send({ request })).status]).toEqual([200, 400])
    const [header, payload = ''] = (await signed()).split('.')
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
    const other = await testKey('ES256')
    const forged = await other.sign(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    for (const wrong of [unsigned, forged, `${header}.${payload}`, 'x'])
      expect(await send({ request: wrong })).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  })
})

describe('user codes', () => {
  const ask = { scope: 'openid', login_hint: 'alice' }
  const checkUserCode: NonNullable<CibaOptions['checkUserCode']> = (sub, code) =>
    sub !== 'alice-1' ? 'right' : code === null ? 'missing' : code === '2468' ? 'right' : 'wrong'

  test('CIBA Core §13: a person with a code is asked with it alone', async () => {
    const { send, provider } = await open({ checkUserCode })
    expect((await send(ask, 'coded')).body).toMatchObject({ error: 'missing_user_code' })
    expect((await send({ ...ask, user_code: '1111' }, 'coded')).body).toMatchObject({ error: 'invalid_user_code' })
    expect((await send({ ...ask, user_code: '2468' }, 'coded')).status).toBe(200)
    expect((await send({ ...ask, login_hint: 'root' }, 'coded')).status).toBe(200)
    expect(provider.metadata).toMatchObject({ backchannel_user_code_parameter_supported: true })
  })

  test('CIBA Core §7.1: a client that did not register for it may not send one', async () => {
    const { send } = await open({ checkUserCode })
    expect((await send({ ...ask, user_code: '2468' }, 'free')).body).toMatchObject({ error: 'invalid_request' })
    const without = await open()
    expect((await without.send({ ...ask, user_code: '2468' }, 'coded')).body).toMatchObject({
      error: 'invalid_request',
    })
    expect(without.provider.metadata).toMatchObject({ backchannel_user_code_parameter_supported: false })
  })

  test('codes cannot be guessed: after ten attempts the person is left alone for a while', async () => {
    const { send, clock } = await open({ checkUserCode })
    for (let code = 0; code < 10; code++) await send({ ...ask, user_code: `${1000 + code}` }, 'coded')
    expect((await send({ ...ask, user_code: '2468' }, 'coded')).body).toMatchObject({ error: 'access_denied' })
    clock.advance(900)
    expect((await send({ ...ask, user_code: '2468' }, 'coded')).status).toBe(200)
  })
})
