import { client, listen, newPerson, testProvider } from '@latchkey/testing'
import fc from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'

const inside = {
  client_id: 'signing',
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid',
  state: 'inner',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
}
let keys: Awaited<ReturnType<typeof generateKeyPair>>
let jwks: { keys: Record<string, unknown>[] }

beforeAll(async () => {
  keys = await generateKeyPair('ES256')
  jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] }
})

function sign(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
  const given = Object.entries({ ...inside, ...claims }).filter(([, value]) => value !== undefined)
  return new SignJWT(Object.fromEntries(given))
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'oauth-authz-req+jwt', ...header })
    .sign(keys.privateKey)
}

async function setUp(
  changes: Parameters<typeof client>[0] | object = {},
  options: Parameters<typeof testProvider>[0] = {},
) {
  const signing = client({
    client_id: 'signing',
    client_secret: 's'.repeat(32),
    redirect_uris: ['https://app.example.com/cb'],
    require_consent: false,
    jwks,
    ...changes,
  })
  const kit = await testProvider({ moreClients: [signing], ...options })
  const person = newPerson(kit.provider)
  const open = (query: Record<string, string>) => person.open(`/authorize?${new URLSearchParams(query)}`)
  /** With the parameters that OpenID Connect repeats beside the object. */
  const send = (request: string, beside: Record<string, string> = {}) =>
    open({ client_id: 'signing', redirect_uri: inside.redirect_uri, request, ...beside })
  return { ...kit, person, open, send }
}

describe('RFC 9101: request objects by value', () => {
  test('RFC 9101 §6.3: what stands inside counts, and nothing beside it', async () => {
    const { send, person } = await setUp()
    const page = await send(await sign(), { state: 'outer', scope: 'openid email', prompt: 'none', nonce: 'outer' })
    const { leftTo } = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(leftTo?.searchParams.get('state')).toBe('inner')
    expect(leftTo?.searchParams.get('code')).toBeTruthy()
  })

  test('RFC 9101 §4: JSON values are read as the query would have carried them', async () => {
    const { send } = await setUp()
    const refused = await send(await sign({ max_age: 'soon' }))
    expect(refused.leftTo?.searchParams.get('error')).toBe('invalid_request')
    const claims = { id_token: { acr: { essential: true, values: ['gold'] } } }
    const page = await send(await sign({ max_age: 60, claims, resource: ['https://api.example.com'] }))
    expect(page.path).toMatch(/^\/interaction\//)
  })

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['RFC 9101 §5: another client_id inside', { client_id: 'web' }, {}],
    ['RFC 9101 §5: no client_id inside', { client_id: undefined }, {}],
    ['another issuer', { iss: 'web' }, {}],
    ['another audience', { aud: 'https://other.example' }, {}],
    ['RFC 7519 §4.1.4: one that expired', { exp: 1_799_999_000 }, {}],
    ['RFC 7519 §4.1.5: one that is not valid yet', { nbf: 1_800_001_000 }, {}],
    ['RFC 9101 §10.8: the client as subject', { sub: 'signing' }, {}],
    ['RFC 9101 §4: a request_uri inside', { request_uri: 'urn:x' }, {}],
    ['RFC 8725 §3.11: another kind of JWT', {}, { typ: 'at+jwt' }],
    ['an unknown extension', {}, { crit: ['b64'], b64: true }],
    ['RFC 7515 §4.1.4: an unknown key', {}, { kid: 'other' }],
  ])('%s is refused', async (_, claims, header) => {
    const { send } = await setUp()
    const { leftTo } = await send(await sign(claims, header))
    expect(leftTo?.searchParams.get('error')).toBe('invalid_request_object')
    expect(leftTo?.searchParams.has('code')).toBe(false)
  })

  test('RFC 9101 §10.1: one without a signature, or with a changed one, is refused', async () => {
    const { send } = await setUp()
    const unsigned = await send(new UnsecuredJWT(inside).encode())
    expect(unsigned.leftTo?.searchParams.get('error')).toBe('request_not_supported')
    const [header, , signature] = (await sign()).split('.')
    const payload = Buffer.from(JSON.stringify({ ...inside, scope: 'openid email' })).toString('base64url')
    const changed = await send(`${header}.${payload}.${signature}`)
    expect(changed.leftTo?.searchParams.get('error')).toBe('invalid_request_object')
  })

  test('OIDC Registration §2: only the algorithm that the client registered', async () => {
    const { send } = await setUp({ request_object_signing_alg: 'PS256' })
    expect((await send(await sign())).leftTo?.searchParams.get('error')).toBe('invalid_request_object')
  })

  test('a bad object without a registered address beside it is shown, and a redirect URI inside it is checked', async () => {
    const { open } = await setUp()
    const bad = await open({ client_id: 'signing', request: 'a.b.c', redirect_uri: 'https://evil.example' })
    expect([bad.status, bad.leftTo]).toEqual([400, null])
    const foreign = await open({ client_id: 'signing', request: await sign({ redirect_uri: 'https://evil.example' }) })
    expect([foreign.status, foreign.leftTo]).toEqual([400, null])
  })

  test('RFC 9101 §10.5; FAPI 2.0 Message Signing §5.3.1: a client that has to sign sends fresh objects for us alone', async () => {
    const { send, open, provider, clock } = await setUp({ require_signed_request_object: true })
    expect((await open(inside)).leftTo?.searchParams.get('error')).toBe('invalid_request')
    const now = clock.now()
    const good = { aud: provider.issuer, nbf: now - 10, exp: now + 300 }
    expect((await send(await sign(good))).path).toMatch(/^\/interaction\//)
    for (const claims of [
      { ...good, aud: undefined },
      { ...good, nbf: undefined },
      { ...good, exp: now + 7200 },
    ])
      expect((await send(await sign(claims))).leftTo?.searchParams.get('error')).toBe('invalid_request_object')
  })

  test('RFC 9126 §3: a pushed request may be a request object', async () => {
    const { post, open } = await setUp()
    const { request_uri } = await (await post('/par', 'signing', { request: await sign() })).json()
    expect((await open({ client_id: 'signing', request_uri })).path).toMatch(/^\/interaction\//)
    const refused = await (await post('/par', 'signing', { request: await sign({ client_id: 'web' }) })).json()
    expect(refused.error).toBe('invalid_request_object')
  })
})

describe('RFC 9101 §5.2: request objects by reference', () => {
  test('RFC 9101 §10.4.1: only from an address that is registered, and with its hash where one is given', async () => {
    const asked: string[] = []
    const body = await sign()
    const host = await listen((request) => {
      asked.push(new URL(request.url).pathname)
      return new Response(body, { headers: { 'content-type': 'application/oauth-authz-req+jwt' } })
    })
    try {
      const uri = `${host.origin}/object`
      const loopback = { issuer: 'http://127.0.0.1:4999' }
      const { open } = await setUp({ request_uris: [uri] }, loopback)
      const ask = (request_uri: string) =>
        open({ client_id: 'signing', redirect_uri: inside.redirect_uri, request_uri })
      expect((await ask(uri)).path).toMatch(/^\/interaction\//)
      expect((await ask(`${host.origin}/other`)).leftTo?.searchParams.get('error')).toBe('invalid_request_uri')
      expect((await ask(`${uri}#wrong`)).leftTo?.searchParams.get('error')).toBe('invalid_request_uri')
      expect(asked).toEqual(['/object', '/object'])
    } finally {
      await host.close()
    }
  })

  test('features: an address inside our own network is never asked, even when a client registered it', async () => {
    const uri = 'https://169.254.169.254/latest/meta-data'
    const { open, events } = await setUp({ request_uris: [uri] })
    const { leftTo } = await open({ client_id: 'signing', redirect_uri: inside.redirect_uri, request_uri: uri })
    expect(leftTo?.searchParams.get('error')).toBe('invalid_request_uri')
    expect(leftTo?.searchParams.get('error_description')).not.toContain('169.254')
    expect(events.at(-1)?.detail).toContain('is not an address on the internet')
  })
})

describe('OIDC Core §6.1: unsigned request objects, where the operator takes them', () => {
  const on = { unsignedRequestObjects: true }
  const unsigned = (claims: Record<string, unknown> = {}) => new UnsecuredJWT({ ...inside, ...claims }).encode()
  const errorOf = async (changes: object, options: object, request = unsigned({ prompt: 'none' })) =>
    (await (await setUp(changes, options)).send(request)).leftTo?.searchParams.get('error')

  test('one counts as the query would, and nothing beside it does', async () => {
    const { send, provider } = await setUp({}, on)
    const { leftTo } = await send(unsigned({ prompt: 'none' }), { state: 'outer' })
    expect(leftTo?.searchParams.get('error')).toBe('login_required')
    expect(leftTo?.searchParams.get('state')).toBe('inner')
    expect(provider.metadata.request_object_signing_alg_values_supported).toContain('none')
  })

  test('RFC 9101 §10.1: off, it is refused, and discovery does not offer it', async () => {
    expect(await errorOf({}, {})).toBe('request_not_supported')
    const { provider } = await setUp()
    expect(provider.metadata.request_object_signing_alg_values_supported).not.toContain('none')
  })

  test('RFC 9101 §10.5; RFC 8725 §3.1: never from a client that signs, nor with a signature that nobody checks', async () => {
    expect(await errorOf({ request_object_signing_alg: 'ES256' }, on)).toBe('invalid_request_object')
    expect(await errorOf({ require_signed_request_object: true }, on)).toBe('invalid_request_object')
    expect(await errorOf({}, on, `${unsigned()}AAAA`)).toBe('invalid_request_object')
    expect(await errorOf({}, on, unsigned({ exp: 1 }))).toBe('invalid_request_object')
  })

  test('FAPI 2.0 §5.3.2.2: the profile keeps it off', async () => {
    const { provider } = await testProvider({ ...on, profile: 'fapi2', clients: [], resources: [] })
    expect(provider.metadata.request_object_signing_alg_values_supported).not.toContain('none')
    expect(provider.metadata.grant_types_supported).not.toContain('implicit')
  })
})

test('RFC 9101 §6.3: whatever stands beside an object, the answer is that of the object alone', async () => {
  const { send } = await setUp()
  const request = await sign({ prompt: 'none' })
  const names = fc.constantFrom('state', 'scope', 'prompt', 'response_mode', 'nonce', 'max_age', 'claims', 'resource')
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, fc.string({ maxLength: 30 })), async (beside) => {
      const { leftTo } = await send(request, beside)
      expect(leftTo?.searchParams.get('error')).toBe('login_required')
      expect(leftTo?.searchParams.get('state')).toBe('inner')
    }),
    { numRuns: 60 },
  )
})
