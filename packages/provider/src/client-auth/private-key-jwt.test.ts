import { createMemoryStore } from '@latchkey/provider/memory-store'
import {
  client,
  clientAssertion,
  dpopProof,
  listen,
  type TestKey,
  testKey,
  testProvider,
  testRuntime,
} from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const clientId = 'signer'
const grant = { grant_type: 'client_credentials' }

async function asking(key: TestKey, metadata: object = {}) {
  const registered = client({
    client_id: clientId,
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    scope: 'jobs:run',
    jwks: { keys: [{ ...key.publicJwk }] },
    ...metadata,
  })
  const kit = await testProvider({ moreClients: [registered] })
  const about = { clientId, audience: kit.issuer, now: kit.clock.now() }
  const send = async (form: object, path = '/token') => {
    const body = new URLSearchParams({ ...grant, ...form })
    const response = await kit.request(path, { method: 'POST', body })
    return { status: response.status, body: await response.json() }
  }
  return { ...kit, about, send }
}

describe('private_key_jwt', () => {
  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('OIDC Core §9: an assertion signed with %s', async (alg) => {
    const key = await testKey(alg)
    const { about, send } = await asking(key)
    expect((await send(await clientAssertion(key, about))).status).toBe(200)
  })

  test('RFC 7523 §3: an assertion may last an hour, as common libraries sign it', async () => {
    const key = await testKey()
    const { about, send } = await asking(key)
    const payload = { exp: now + 3600 }
    expect((await send(await clientAssertion(key, about, { payload }))).status).toBe(200)
  })

  test.each([
    ['the issuer', (issuer: string) => issuer],
    ['the token endpoint', (issuer: string) => `${issuer}/token`],
    ['both in a list', (issuer: string) => [issuer, `${issuer}/token`]],
  ])('RFC 7523 §3: aud may be %s', async (_, audience) => {
    const key = await testKey()
    const { about, send, issuer } = await asking(key)
    expect((await send(await clientAssertion(key, { ...about, audience: audience(issuer) }))).status).toBe(200)
  })

  const now = 1_800_000_000
  const matrix: readonly [string, Readonly<Record<string, unknown>>, object?][] = [
    ['of another issuer', { iss: 'somebody', sub: 'somebody' }],
    ['whose iss and sub differ', { iss: 'web' }],
    ['without sub', { sub: undefined }],
    ['for another server', { aud: 'https://other.example.com' }],
    ['for us and somebody else', { aud: ['https://id.example.com', 'https://other.example.com'] }],
    ['without aud', { aud: undefined }],
    ['with an empty aud', { aud: [] }],
    ['without exp', { exp: undefined }],
    ['that is expired', { exp: now - 31 }],
    ['that lasts for a day', { exp: now + 86_400 }],
    ['made in the future', { iat: now + 61 }],
    ['not valid yet', { nbf: now + 61 }],
    ['without jti', { jti: undefined }],
    ['with an empty jti', { jti: '' }],
    ['of another type', {}, { typ: 'at+jwt' }],
    ['with crit', {}, { crit: ['exp'], exp: 1 }],
  ]
  test.each(matrix)('RFC 7523 §3: an assertion %s is refused', async (_, payload, header = {}) => {
    const key = await testKey()
    const { about, send } = await asking(key)
    const answer = await send(await clientAssertion(key, about, { payload, header: header as never }).catch(notSigned))
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('RFC 7523bis §4: the type client-authentication+jwt is understood', async () => {
    const key = await testKey()
    const { about, send } = await asking(key)
    const form = await clientAssertion(key, about, { header: { typ: 'client-authentication+jwt' } })
    expect((await send(form)).status).toBe(200)
  })

  test('a signature of another key, a changed claim, alg none and a secret-keyed one are refused alike', async () => {
    const [key, other] = [await testKey(), await testKey()]
    const { about, send, events } = await asking(key)
    const good = await clientAssertion(key, about)
    const [header, , signature] = good.client_assertion.split('.')
    const payload = Buffer.from(JSON.stringify({ iss: clientId, sub: clientId })).toString('base64url')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const texts = [
      (await clientAssertion(other, about)).client_assertion,
      `${header}.${payload}.${signature}`,
      `${none}.${good.client_assertion.split('.')[1]}.AA`,
      `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${payload}.${signature}`,
    ]
    const answers = []
    for (const client_assertion of texts) answers.push((await send({ ...good, client_assertion })).body)
    for (const answer of answers) {
      expect(answer).toMatchObject({ error: 'invalid_client', error_description: 'client authentication failed' })
    }
    expect(JSON.stringify(events)).not.toContain(signature)
  })

  test('the registered algorithm is the only one', async () => {
    const key = await testKey('PS256')
    const rsa = { ...key, sign: (await sameKeyAs(key, 'RS256')).sign }
    const { about, send } = await asking(key, { token_endpoint_auth_signing_alg: 'PS256' })
    expect((await send(await clientAssertion(rsa, about))).status).toBe(401)
    expect((await send(await clientAssertion(key, about))).status).toBe(200)
  })

  test('an assertion is used once, also at another node of the same store', async () => {
    const key = await testKey()
    const store = createMemoryStore()
    const registered = client({
      client_id: clientId,
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      scope: 'jobs:run',
      jwks: { keys: [{ ...key.publicJwk }] },
    })
    const runtime = testRuntime()
    const [here, there] = [
      await testProvider({ store, runtime, moreClients: [registered] }),
      await testProvider({ store, runtime, moreClients: [registered] }),
    ]
    const form = await clientAssertion(key, { clientId, audience: here.issuer, now: runtime.now() })
    const send = (node: typeof here) =>
      node.request('/token', { method: 'POST', body: new URLSearchParams({ ...grant, ...form }) })
    expect((await send(here)).status).toBe(200)
    expect((await send(there)).status).toBe(401)
    expect((await send(here)).status).toBe(401)
  })

  test('RFC 6749 §2.3: an assertion beside a secret, or for another client_id, is refused', async () => {
    const key = await testKey()
    const { about, send } = await asking(key)
    const twice = await send({ ...(await clientAssertion(key, about)), client_id: clientId, client_secret: 'x' })
    expect(twice).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    const other = await send({ ...(await clientAssertion(key, about)), client_id: 'web' })
    expect(other).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('a client registered for a secret cannot pass with an assertion, nor the other way round', async () => {
    const key = await testKey()
    const { send, about, request } = await asking(key)
    expect((await send(await clientAssertion(key, { ...about, clientId: 'machine' }))).status).toBe(401)
    const body = new URLSearchParams({ ...grant, client_id: clientId })
    expect((await request('/token', { method: 'POST', body })).status).toBe(401)
  })
})

describe('keys by reference', () => {
  async function withKeys(first: readonly object[]) {
    let keys = first
    let asked = 0
    let status = 200
    const server = await listen(() => {
      asked++
      return new Response(JSON.stringify({ keys }), { status, headers: { 'content-type': 'application/json' } })
    })
    const registered = client({
      client_id: clientId,
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      scope: 'jobs:run',
      jwks_uri: `${server.origin}/jwks`,
    })
    const kit = await testProvider({ issuer: 'http://127.0.0.1:8000', moreClients: [registered] })
    const send = async (key: TestKey) => {
      const form = await clientAssertion(key, { clientId, audience: kit.issuer, now: kit.clock.now() })
      return (await kit.request('/token', { method: 'POST', body: new URLSearchParams({ ...grant, ...form }) })).status
    }
    return {
      ...kit,
      send,
      asked: () => asked,
      publish(next: readonly object[]) {
        keys = next
      },
      fail() {
        status = 503
      },
      stop: () => server.close(),
    }
  }

  test('OIDC Core §10.1.1: keys are fetched once, and again when a signature fits none of them', async () => {
    const [before, after] = [await testKey(), await testKey()]
    const kit = await withKeys([before.publicJwk])
    expect(await kit.send(before)).toBe(200)
    expect(await kit.send(before)).toBe(200)
    expect(kit.asked()).toBe(1)
    kit.publish([after.publicJwk])
    expect(await kit.send(after)).toBe(200)
    expect(kit.asked()).toBe(2)
    expect(await kit.send(before)).toBe(401)
    expect(kit.asked()).toBe(3)
    await kit.stop()
  })

  test('features 43: a flood of unknown keys asks the address three times in its cool-down', async () => {
    const [key, stranger] = [await testKey(), await testKey()]
    const kit = await withKeys([key.publicJwk])
    expect(await kit.send(key)).toBe(200)
    for (let n = 0; n < 5; n++) expect(await kit.send(stranger)).toBe(401)
    expect(kit.asked()).toBe(3)
    kit.clock.advance(30)
    expect(await kit.send(stranger)).toBe(401)
    expect(kit.asked()).toBe(4)
    await kit.stop()
  })

  test('keys count for an hour while their address does not answer', async () => {
    const key = await testKey()
    const kit = await withKeys([key.publicJwk])
    expect(await kit.send(key)).toBe(200)
    kit.fail()
    kit.clock.advance(3000)
    expect(await kit.send(key)).toBe(200)
    kit.clock.advance(1000)
    expect(await kit.send(key)).toBe(401)
    await kit.stop()
  })

  test('a key set with a private key, or one too short, offers the others', async () => {
    const key = await testKey()
    const kit = await withKeys([(await testKey()).privateJwk, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, key.publicJwk])
    expect(await kit.send(key)).toBe(200)
    await kit.stop()
  })
})

/** The same RSA key under another algorithm. */
async function sameKeyAs(key: TestKey, alg: string): Promise<Pick<TestKey, 'sign'>> {
  const { importJWK, SignJWT } = await import('jose')
  const privateKey = await importJWK(key.privateJwk, alg)
  return { sign: (payload) => new SignJWT({ ...payload }).setProtectedHeader({ alg }).sign(privateKey) }
}

/** What jose itself will not sign stands in for itself, unsigned. */
function notSigned() {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${part({ alg: 'ES256', crit: ['exp'] })}.${part({ iss: clientId, sub: clientId })}.AA`,
  }
}

describe('under the profile fapi2', () => {
  test('FAPI 2.0 §5.3.2.1, §5.4.1: an assertion is for the issuer alone, and not signed with RS256', async () => {
    const [strong, weak] = [await testKey('PS256'), await testKey('RS256')]
    const registered = client({
      client_id: clientId,
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      scope: 'jobs:run',
      jwks: { keys: [{ ...strong.publicJwk }, { ...weak.publicJwk }] },
    })
    const kit = await testProvider({ profile: 'fapi2', clients: [registered] })
    expect(kit.provider.metadata).toMatchObject({
      token_endpoint_auth_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA'],
      dpop_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA'],
    })
    const proofKey = await testKey()
    const send = async (key: TestKey, audience: unknown) => {
      const about = { clientId, audience, now: kit.clock.now() }
      const body = new URLSearchParams({ ...grant, ...(await clientAssertion(key, about)) })
      const proof = { htm: 'POST', htu: `${kit.issuer}/token`, now: kit.clock.now() }
      const headers = { dpop: await dpopProof(proofKey, proof) }
      return (await kit.request('/token', { method: 'POST', headers, body })).status
    }
    expect(await send(strong, kit.issuer)).toBe(200)
    expect(await send(strong, [kit.issuer])).toBe(401)
    expect(await send(strong, `${kit.issuer}/token`)).toBe(401)
    expect(await send(weak, kit.issuer)).toBe(401)
  })
})
