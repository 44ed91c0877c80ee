import { declaredDetailsType } from '@latchkey/provider'
import { client, expectOAuthError, testApi, testOpaqueApi, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const payment = declaredDetailsType({
  type: 'payment',
  members: { amount: { kind: 'string' }, actions: { kind: 'strings' }, to: { kind: 'object', required: false } },
  description: 'Pay {amount}',
})
const [pay, look] = [
  { type: 'payment', amount: '10', actions: ['initiate', 'cancel'], to: { iban: 'DE1', name: 'A' } },
  { type: 'payment', amount: '5', actions: ['status'] },
]
const exchanging = 'urn:ietf:params:oauth:grant-type:token-exchange'
const robot = client({
  client_id: 'robot',
  client_secret: 'robot-secret-robot-secret',
  grant_types: ['client_credentials', exchanging],
  authorization_details_types: ['payment'],
})

async function open() {
  const kit = await testProvider({ authorizationDetailsTypes: [payment], moreClients: [robot] })
  const granted = { authorizationDetails: [pay, look], resource: testOpaqueApi, scope: 'read:notes offline_access' }
  return { ...kit, granted, asking: (details: unknown) => ({ authorization_details: JSON.stringify(details) }) }
}

describe('authorization_details in token requests', () => {
  test('RFC 9396 §6.1: a code brings all that was granted, or the part that is asked for, and the token says so', async () => {
    const { signIn, code, token, granted, asking } = await open()
    expect((await signIn(granted)).authorization_details).toEqual([pay, look])
    const issued = await code(granted)
    const narrowed = await token(issued.clientId, { ...issued.form, ...asking([look]) })
    expect(narrowed.authorization_details).toEqual([look])
  })

  test('RFC 9396 §6.1: each refresh may ask for another part; the refresh token keeps all', async () => {
    const { signIn, refresh, granted, asking } = await open()
    const first = await refresh(await signIn(granted), asking([look]))
    expect(first.authorization_details).toEqual([look])
    const second = await refresh(first, asking([{ ...pay, actions: ['cancel'], to: { name: 'A', iban: 'DE1' } }]))
    expect(second.authorization_details).toMatchObject([{ actions: ['cancel'] }])
    expect((await refresh(second)).authorization_details).toEqual([pay, look])
  })

  test.each([
    ['a larger amount', { ...pay, amount: '11' }],
    ['an action more', { ...look, actions: ['status', 'initiate'] }],
    ['another account', { ...pay, to: { iban: 'DE2', name: 'A' } }],
    ['a limit left out', { type: 'payment', amount: '10', actions: ['initiate'] }],
    ['an unknown type', { type: 'other' }],
  ])('RFC 9396 §6: %s is refused, and the code stays usable', async (_, detail) => {
    const { code, token, granted, asking } = await open()
    const issued = await code(granted)
    const refused = token(issued.clientId, { ...issued.form, ...asking([detail]) })
    await expectOAuthError(refused, 'invalid_authorization_details')
    expect((await token(issued.clientId, issued.form)).authorization_details).toEqual([pay, look])
  })

  test('RFC 9396 §6: a client for itself has only types it is registered for by name', async () => {
    const { token, asking } = await open()
    const form = { grant_type: 'client_credentials', ...asking([pay]) }
    expect((await token('robot', form)).authorization_details).toEqual([pay])
    await expectOAuthError(token('machine', form), 'invalid_authorization_details')
  })

  test.each([
    [testApi, 'read:messages offline_access', 'a JWT'],
    [testOpaqueApi, 'read:notes offline_access', 'an opaque token'],
  ])('RFC 9396 §9.1, §9.2: for %s, %s: introspection of %s tells what was asked for', async (resource, scope) => {
    const guard = client({ client_id: 'guard', client_secret: 'g'.repeat(32), grant_types: [], resources: [resource] })
    const kit = await testProvider({ authorizationDetailsTypes: [payment], moreClients: [guard] })
    const tokens = await kit.signIn({ authorizationDetails: [pay, look], resource, scope })
    const { access_token } = await kit.refresh(tokens, { authorization_details: JSON.stringify([look]) })
    const told = await (await kit.post('/introspect', 'guard', { token: access_token })).json()
    expect(told).toMatchObject({ active: true, authorization_details: [look] })
  })

  test('RFC 9396 §6: a grant that carries no details refuses them instead of dropping them', async () => {
    const { token, asking } = await open()
    await expectOAuthError(
      token('robot', { grant_type: exchanging, ...asking([pay]) }),
      'invalid_authorization_details',
    )
  })
})
