import { client, expectOAuthError, testApi, testProvider } from '@latchkey/testing'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { checkMayAct } from './token-exchange/actor.ts'
import type { TokenExchangePolicy } from './token-exchange/policy.ts'

const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'
const typeOf = (name: string) => `urn:ietf:params:oauth:token-type:${name}`
const orders = 'https://orders.example.com'
const billing = 'https://billing.example.com'
const resource = (identifier: string, scopes: string[], access_token_format: 'jwt' | 'opaque') => ({
  identifier,
  name: identifier,
  scopes,
  access_token_format,
  access_token_signing_alg: 'ES256' as const,
})
const resources = [
  resource(testApi, ['read:messages'], 'jwt'),
  resource(orders, ['orders:read', 'orders:write', 'read:messages'], 'jwt'),
  resource(billing, ['bill'], 'opaque'),
]
const secret = (name: string) => `${name}-secret-${name}-secret-long`
const service = (client_id: string, more: Partial<Parameters<typeof client>[0]>) =>
  client({ client_id, client_secret: secret(client_id), grant_types: [grant_type], ...more })
/** Stands for the API at `testApi`; may go on to orders and billing. */
const backend = service('backend', {
  resources: [testApi, orders, billing],
  scope: 'orders:read bill',
  grant_types: [grant_type, 'client_credentials'],
})
/** Registered for the grant, but for no resource in particular. */
const stranger = service('stranger', { resources: [] })
const moreClients = [backend, stranger]

async function setUp(options: Parameters<typeof testProvider>[0] = {}) {
  const kit = await testProvider({ resources, moreClients, ...options })
  const exchange = (subject_token: string | undefined, form = {}, from = 'backend') =>
    kit.token(from, {
      grant_type,
      subject_token,
      subject_token_type: typeOf('access_token'),
      resource: orders,
      ...form,
    })
  const subjectOf = (scope = 'openid read:messages', of = testApi) => kit.signIn({ resource: of, scope })
  const isActive = async (token: string) =>
    (await (await kit.post('/introspect', 'backend', { token })).json()).active as boolean
  return { ...kit, exchange, subjectOf, isActive }
}

describe('token exchange', () => {
  test('RFC 8693 §2.2.1: an API exchanges the token it received for one of the next API, in the same name', async () => {
    const { subjectOf, exchange, issuer } = await setUp()
    const subject = await subjectOf()
    const answer = await exchange(subject.access_token)
    expect(answer).toMatchObject({
      issued_token_type: typeOf('access_token'),
      token_type: 'Bearer',
      scope: 'orders:read read:messages',
    })
    expect(answer).not.toHaveProperty('refresh_token')
    expect(answer).not.toHaveProperty('id_token')
    expect(decodeJwt(answer.access_token)).toMatchObject({
      iss: issuer,
      sub: 'alice-1',
      aud: orders,
      client_id: 'backend',
    })
    expect(decodeJwt(answer.access_token)).not.toHaveProperty('act')
  })

  test('RFC 8693 §4.1: with an actor_token the new token says who acts, and who acted before', async () => {
    const { subjectOf, exchange, token, post } = await setUp()
    const actor = await token('backend', { grant_type: 'client_credentials', resource: billing })
    const acting = { actor_token: actor.access_token, actor_token_type: typeOf('access_token') }
    const once = await exchange((await subjectOf()).access_token, acting)
    expect(decodeJwt(once.access_token).act).toEqual({ sub: 'backend' })
    const twice = await exchange(once.access_token, { ...acting, resource: testApi })
    expect(decodeJwt(twice.access_token).act).toEqual({ sub: 'backend', act: { sub: 'backend' } })
    const opaque = await exchange(once.access_token, { ...acting, resource: billing, scope: 'bill' })
    const introspected = await (await post('/introspect', 'backend', { token: opaque.access_token })).json()
    expect(introspected).toMatchObject({ active: true, act: { sub: 'backend', act: { sub: 'backend' } } })
  })

  test('RFC 8693 §2.1: a client that registers no resource may exchange nothing', async () => {
    const { subjectOf, exchange } = await setUp()
    const { access_token } = await subjectOf()
    await expectOAuthError(exchange(access_token, {}, 'stranger'), 'invalid_request')
    await expectOAuthError(exchange(access_token, {}, 'web'), 'unauthorized_client')
  })

  test("RFC 8693 §2.2.2: a token for an API that is not the client's is refused, and so is a target it does not list", async () => {
    const narrow = service('narrow', { resources: [testApi] })
    const { subjectOf, exchange } = await setUp({ moreClients: [...moreClients, narrow] })
    const elsewhere = await subjectOf('openid orders:read', orders)
    await expectOAuthError(exchange(elsewhere.access_token, { resource: testApi }, 'narrow'), 'invalid_request')
    const { access_token } = await subjectOf()
    await expectOAuthError(exchange(access_token, {}, 'narrow'), 'invalid_target')
    expect((await exchange(access_token, { resource: undefined }, 'narrow')).scope).toBe('read:messages')
  })

  test('RFC 8693 §2.1: the scope never grows past the subject_token and what the client is listed for', async () => {
    const { subjectOf, exchange } = await setUp()
    const { access_token } = await subjectOf()
    expect((await exchange(access_token, { scope: 'orders:read' })).scope).toBe('orders:read')
    await expectOAuthError(exchange(access_token, { scope: 'orders:write' }), 'invalid_scope')
    await expectOAuthError(exchange(access_token, { scope: 'email' }), 'invalid_scope')
  })

  test('RFC 8693 §2.2.1: the new token never outlives the subject_token', async () => {
    const { subjectOf, exchange, clock, isActive } = await setUp()
    const subject = await subjectOf()
    clock.advance(3000)
    const answer = await exchange(subject.access_token)
    expect(answer.expires_in).toBe(600)
    clock.advance(600)
    expect(await isActive(answer.access_token)).toBe(false)
    await expectOAuthError(exchange(subject.access_token), 'invalid_request')
  })

  test.each([
    ['signed', orders],
    ['opaque', billing],
  ])("RFC 7009 §2.1: ending the subject's session ends what was exchanged for it: %s", async (_, target) => {
    const { subjectOf, exchange, isActive, post } = await setUp()
    const subject = await subjectOf()
    const { access_token } = await exchange(subject.access_token, { resource: target })
    expect(await isActive(access_token)).toBe(true)
    await post('/revoke', 'web', { token: subject.refresh_token })
    expect(await isActive(access_token)).toBe(false)
    await expectOAuthError(exchange(subject.access_token, { resource: target }), 'invalid_request')
  })

  test('RFC 8693 §2.2.2: a revoked subject_token is refused', async () => {
    const { subjectOf, exchange, post } = await setUp()
    const subject = await subjectOf()
    await post('/revoke', 'web', { token: subject.access_token })
    await expectOAuthError(exchange(subject.access_token), 'invalid_request')
  })

  test('a person whose account is gone is spoken for no longer', async () => {
    const before = await setUp()
    const { access_token } = await before.subjectOf()
    const { store, runtime } = before
    const after = await setUp({ store, runtime, people: [] })
    await expectOAuthError(after.exchange(access_token), 'invalid_request')
  })

  test("RFC 8693 §2.1: somebody else's token is no actor_token of this client", async () => {
    const { subjectOf, exchange } = await setUp()
    const { access_token } = await subjectOf()
    const acting = { actor_token: access_token, actor_token_type: typeOf('access_token') }
    await expectOAuthError(exchange(access_token, acting), 'invalid_request')
  })

  test.each([
    ['a type without its token', { actor_token_type: typeOf('jwt') }],
    ['a token without its type', { subject_token_type: undefined }],
    ['an unknown type', { subject_token_type: typeOf('saml2') }],
    ['a type that is no URN of ours', { subject_token_type: 'constructor' }],
    ['a type of a prototype', { subject_token_type: typeOf('constructor') }],
    ['a token of another type', { subject_token_type: typeOf('id_token') }],
    ['a requested type nobody issues', { requested_token_type: typeOf('refresh_token') }],
    ['a JWT of an API whose tokens are opaque', { requested_token_type: typeOf('jwt'), resource: billing }],
  ])('RFC 8693 §2.1: %s is invalid_request', async (_, form) => {
    const { subjectOf, exchange } = await setUp()
    await expectOAuthError(exchange((await subjectOf()).access_token, form), 'invalid_request')
  })

  test('RFC 8693 §2.1: ID tokens and refresh tokens are refused unless the policy of the server allows them', async () => {
    const own = service('own', {
      grant_types: ['authorization_code', 'refresh_token', grant_type],
      redirect_uris: ['https://own.example.com/cb'],
      resources: [orders],
    })
    const tokens = (of: Awaited<ReturnType<typeof setUp>>) => of.signIn({ client: 'own', scope: 'openid' })
    const safe = await setUp({ moreClients: [own] })
    const mine = await tokens(safe)
    const asId = { subject_token_type: typeOf('id_token') }
    const asRefresh = { subject_token_type: typeOf('refresh_token') }
    await expectOAuthError(safe.exchange(mine.id_token, asId, 'own'), 'invalid_request')
    await expectOAuthError(safe.exchange(mine.refresh_token, asRefresh, 'own'), 'invalid_request')
    const seen: string[] = []
    const tokenExchange: TokenExchangePolicy = ({ subject }) => {
      seen.push(subject.type)
      return { outcome: 'granted', scope: ['orders:write'] }
    }
    const open = await setUp({ moreClients: [own], tokenExchange })
    const theirs = await tokens(open)
    expect((await open.exchange(theirs.id_token, asId, 'own')).scope).toBe('orders:write')
    expect((await open.exchange(theirs.refresh_token, asRefresh, 'own')).scope).toBe('orders:write')
    expect(seen).toEqual(['id_token', 'refresh_token'])
  })

  test('RFC 8693 §2.2.2: what the policy of the server denies is denied with its reason', async () => {
    const tokenExchange: TokenExchangePolicy = async () => ({ outcome: 'denied', because: 'not on a Sunday' })
    const { subjectOf, exchange } = await setUp({ tokenExchange })
    const error = await expectOAuthError(exchange((await subjectOf()).access_token), 'invalid_request')
    expect(error.description).toBe('not on a Sunday')
  })

  test('RFC 8693 §5: a public client cannot be registered for it', () => {
    const input = { client_id: 'p', token_endpoint_auth_method: 'none', grant_types: [grant_type] } as const
    expect(() => client(input)).toThrow('grant_types must not have')
  })

  test('RFC 8693 §2.1: whatever is sent, the answer is never a 5xx and never more than the subject had', async () => {
    const kit = await setUp()
    const { access_token } = await kit.subjectOf()
    const word = fc.constantFrom('orders:read', 'orders:write', 'openid', 'bill', 'read:messages', 'email', '"', 'é')
    const asked = fc.record(
      {
        subject_token: fc.oneof(fc.constant(access_token), fc.string({ maxLength: 40 })),
        subject_token_type: fc.constantFrom(...['access_token', 'jwt', 'id_token', 'refresh_token', 'x'].map(typeOf)),
        actor_token: fc.oneof(fc.constant(access_token), fc.string({ maxLength: 20 })),
        actor_token_type: fc.constantFrom(typeOf('jwt'), 'x'),
        scope: fc.array(word, { maxLength: 3 }).map((words) => words.join(' ')),
        resource: fc.constantFrom(orders, billing, testApi, 'x'),
        requested_token_type: fc.constantFrom(typeOf('jwt'), typeOf('access_token'), 'x'),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(asked, async (form) => {
        const response = await kit.post('/token', 'backend', { grant_type, ...form })
        expect(response.status).toBeLessThan(500)
        if (response.status !== 200) return
        const { scope = '' } = await response.json()
        const allowed = ['orders:read', 'bill', 'openid', 'read:messages', '']
        for (const value of (scope as string).split(' ')) expect(allowed).toContain(value)
      }),
      { numRuns: 200 },
    )
  })

  test('signing out ends what was exchanged from the session', async () => {
    const kit = await setUp()
    const subject = await kit.subjectOf()
    const { access_token } = await kit.exchange(subject.access_token)
    const { sid } = decodeJwt(subject.access_token)
    await kit.store.families.revokeSession({ sid: String(sid), sub: '' }, kit.clock.now())
    expect(await kit.isActive(access_token)).toBe(false)
  })
})

describe('may_act', () => {
  const checked = (mayAct: unknown) => () => {
    const issuer = 'https://id.example.com'
    const about = { scope: [], resources: [], expiresAt: 1, act: undefined }
    const token = { type: 'access_token' as const, issuer, sub: 'alice-1', clientId: 'web', ...about }
    const origin = { familyId: 'f', sid: null, authTime: null, acr: null, amr: [], mayAct }
    checkMayAct({ token, origin, isOurs: true }, null, { clientId: 'backend', issuer })
  }

  test('RFC 8693 §4.4: whom may_act names may act, and nobody else', () => {
    expect(checked({ sub: 'backend' })).not.toThrow()
    expect(checked({ client_id: 'backend' })).not.toThrow()
    for (const other of [{ sub: 'other' }, { sub: 'backend', iss: 'https://evil.example' }, {}, null, 'backend']) {
      expect(checked(other)).toThrow('may_act')
    }
  })
})
