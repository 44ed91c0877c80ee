import { client, expectOAuthError, newPerson, testProvider, tokenResponse } from '@latchkey/testing'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import type { BackchannelRequest, CibaOptions } from './ciba-options.ts'

const grant_type = 'urn:openid:params:grant-type:ciba'
const till = client({
  client_id: 'till',
  client_name: 'Corner Shop',
  client_secret: 'till-secret-till-secret-till',
  grant_types: [grant_type, 'authorization_code', 'refresh_token'],
  redirect_uris: ['https://till.example.com/cb'],
})
const bank = client({ client_id: 'bank', client_secret: 'bank-secret-bank-secret', grant_types: [grant_type] })
const ask = { scope: 'openid profile', login_hint: 'alice' }

async function setUp(ciba: CibaOptions = {}) {
  const told: BackchannelRequest[] = []
  const notify = (request: BackchannelRequest) => void told.push(request)
  const kit = await testProvider({ moreClients: [till, bank], ciba: { notify, ...ciba } })
  const send = (form: Record<string, string>, from = 'till') => kit.post('/bc-authorize', from, form)
  const begin = async (form: Record<string, string> = ask) => {
    const response = await send(form)
    expect(response.status).toBe(200)
    return response.json() as Promise<{ auth_req_id: string; expires_in: number; interval: number }>
  }
  const errorOf = async (form: Record<string, string>, from = 'till') =>
    (await (await send(form, from)).json()).error as string
  const poll = (auth_req_id: string, from = 'till') => kit.token(from, { grant_type, auth_req_id })
  /** Signs in where the notice leads. */
  const atApprovals = async (username = 'alice') => {
    const person = newPerson(kit.provider)
    const page = await person.open('/approvals')
    return { person, page: await person.post(`${page.path}/sign-in`, { username }) }
  }
  const decide = async (decision: 'allow' | 'deny') => {
    const { person, page } = await atApprovals()
    const href = /href="(\/approvals\/[\w-]{22})"/.exec(page.text)?.[1] ?? ''
    return person.submit(await person.open(href), { decision })
  }
  return { ...kit, told, send, begin, errorOf, poll, atApprovals, decide }
}

describe('CIBA', () => {
  test('CIBA Core §7, §10: request, notice, approval, tokens: once', async () => {
    const { begin, poll, told, decide, clock, issuer } = await setUp()
    const begun = await begin({ ...ask, binding_message: 'W4SCT' })
    expect(begun).toEqual({ auth_req_id: expect.any(String), expires_in: 300, interval: 5 })
    expect(told).toEqual([
      {
        sub: 'alice-1',
        clientId: 'till',
        clientName: 'Corner Shop',
        scope: ['openid', 'profile'],
        bindingMessage: 'W4SCT',
        approvalUri: `${issuer}/approvals`,
        expiresAt: clock.now() + 300,
      },
    ])
    await expectOAuthError(poll(begun.auth_req_id), 'authorization_pending')
    expect((await decide('allow')).text).toContain('You can go back')
    clock.advance(5)
    const tokens = await poll(begun.auth_req_id)
    expect(tokens).toMatchObject({ refresh_token: expect.any(String), scope: 'openid profile' })
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ sub: 'alice-1', aud: 'till', iss: issuer })
    await expectOAuthError(poll(begun.auth_req_id), 'invalid_grant')
  })

  test('CIBA Core §7.1: the person sees who asks, for what, and the same message as the other device', async () => {
    const { begin, atApprovals } = await setUp()
    await begin({ ...ask, binding_message: 'Pay <b>5 €</b>' })
    const { person, page } = await atApprovals()
    expect(page.text).toContain('Corner Shop')
    const href = /href="(\/approvals\/[\w-]{22})"/.exec(page.text)?.[1] ?? ''
    const asking = await person.open(href)
    for (const text of [
      'Corner Shop',
      'Pay &lt;b&gt;5 €',
      'See your name and profile',
      'If you did not start anything',
    ]) {
      expect(asking.text).toContain(text)
    }
  })

  test('CIBA Core §7.3: nobody else sees the request or can decide it', async () => {
    const { begin, poll, atApprovals } = await setUp()
    const { auth_req_id } = await begin()
    const alice = await atApprovals('alice')
    const href = /href="(\/approvals\/[\w-]{22})"/.exec(alice.page.text)?.[1] ?? ''
    const root = await atApprovals('root')
    expect(root.page.text).toContain('Nothing waits for you')
    expect((await root.person.post(href, { decision: 'allow' })).text).not.toContain('You can go back')
    expect((await alice.person.post(href, { decision: 'allow' })).text).toContain('asks for access')
    await expectOAuthError(poll(auth_req_id), 'authorization_pending')
  })

  test('CIBA Core §11: denied, too fast, too old and foreign polls each say what they are', async () => {
    const { begin, poll, decide, clock } = await setUp()
    const first = await begin()
    await expectOAuthError(poll(first.auth_req_id, 'bank'), 'invalid_grant')
    await expectOAuthError(poll(first.auth_req_id), 'authorization_pending')
    await expectOAuthError(poll(first.auth_req_id), 'slow_down')
    await decide('deny')
    await expectOAuthError(poll(first.auth_req_id), 'access_denied')
    const second = await begin({ ...ask, requested_expiry: '30' })
    expect(second.expires_in).toBe(30)
    clock.advance(300)
    await expectOAuthError(poll(second.auth_req_id), 'expired_token')
  })

  test('CIBA Core §13: what is wrong with a request is said in its own words', async () => {
    const { errorOf } = await setUp()
    expect(await errorOf({ scope: 'profile', login_hint: 'alice' })).toBe('invalid_scope')
    expect(await errorOf({ scope: 'openid' })).toBe('invalid_request')
    expect(await errorOf({ ...ask, id_token_hint: 'x' })).toBe('invalid_request')
    expect(await errorOf({ scope: 'openid', id_token_hint: 'x' })).toBe('invalid_request')
    expect(await errorOf({ scope: 'openid', login_hint_token: 'x' })).toBe('invalid_request')
    expect(await errorOf({ scope: 'openid', login_hint: 'nobody' })).toBe('unknown_user_id')
    expect(await errorOf({ ...ask, binding_message: 'two\nlines' })).toBe('invalid_binding_message')
    expect(await errorOf({ ...ask, binding_message: 'x'.repeat(81) })).toBe('invalid_binding_message')
    expect(await errorOf({ ...ask, requested_expiry: '-1' })).toBe('invalid_request')
    expect(await errorOf({ ...ask, request: 'x.y.z' })).toBe('invalid_request')
    expect(await errorOf(ask, 'web')).toBe('unauthorized_client')
  })

  test('CIBA Core §7.1: an ID token of this client names the person, one of another client does not', async () => {
    const { signIn, begin, errorOf } = await setUp()
    const own = await signIn({ client: 'till', scope: 'openid' })
    await begin({ scope: 'openid', id_token_hint: own.id_token ?? '' })
    const foreign = await signIn({ client: 'web', scope: 'openid' })
    expect(await errorOf({ scope: 'openid', id_token_hint: foreign.id_token ?? '' })).toBe('invalid_request')
  })

  test('nobody is flooded: at most eight requests wait for one person', async () => {
    const { begin, errorOf, atApprovals, clock } = await setUp()
    for (let n = 0; n < 8; n++) await begin()
    expect(await errorOf(ask)).toBe('access_denied')
    expect((await atApprovals()).page.text.match(/Corner Shop/g)).toHaveLength(8)
    clock.advance(300)
    await begin()
  })

  test('a notice that fails does not take the request down', async () => {
    const notify = () => Promise.reject(new Error('the push service is down'))
    const { begin, decide, poll, events } = await setUp({ notify })
    const { auth_req_id } = await begin()
    await decide('allow')
    expect((await poll(auth_req_id)).access_token).toBeTruthy()
    expect(events).toContainEqual(expect.objectContaining({ type: 'request.failed', sub: 'alice-1' }))
  })

  test('CIBA Core §4: switched off it is neither advertised nor there; switched on, what works is advertised', async () => {
    const on = await setUp()
    expect(on.provider.metadata).toMatchObject({
      backchannel_authentication_endpoint: `${on.issuer}/bc-authorize`,
      backchannel_token_delivery_modes_supported: ['poll', 'ping'],
      backchannel_user_code_parameter_supported: false,
      grant_types_supported: expect.arrayContaining([grant_type]),
    })
    const off = await testProvider({ moreClients: [till] })
    expect(off.provider.metadata).not.toHaveProperty('backchannel_authentication_endpoint')
    expect((await off.post('/bc-authorize', 'till', ask)).status).toBe(404)
    const answer = tokenResponse(await off.post('/token', 'till', { grant_type, auth_req_id: 'x' }))
    await expectOAuthError(answer, 'unsupported_grant_type')
  })

  test('CIBA Core §13: whatever is sent, the answer is never a 5xx', async () => {
    const { send, request } = await setUp()
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    const names = ['scope', 'login_hint', 'id_token_hint', 'login_hint_token', 'binding_message', 'requested_expiry']
    const form = fc.dictionary(fc.constantFrom(...names), fc.oneof(text, fc.constant('openid'), fc.constant('alice')))
    await fc.assert(
      fc.asyncProperty(form, text, async (fields, id) => {
        expect((await send(fields)).status).toBeLessThan(500)
        expect((await request(`/approvals/${encodeURIComponent(id.toWellFormed())}`)).status).toBeLessThan(500)
      }),
      { numRuns: 200 },
    )
  })
})
