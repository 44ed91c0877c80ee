import { client, expectOAuthError, testApi, testOpaqueApi, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const grant = { grant_type: 'client_credentials' }

describe('the client_credentials grant', () => {
  test('RFC 6749 §4.4.3: an access token and nothing else', async () => {
    const { token } = await testProvider()
    const tokens = await token('machine', { ...grant, resource: testApi, scope: 'read:messages' })
    expect(tokens).toEqual({
      access_token: expect.stringContaining('.'),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'read:messages',
    })
  })

  test('without a scope the client gets all that it may have, and is told what', async () => {
    const { token } = await testProvider()
    expect((await token('machine', { ...grant, resource: testApi })).scope).toBe('read:messages write:messages')
    expect((await token('machine', grant)).scope).toBe('jobs:run')
  })

  test('features 8: scopes that are not the client’s, nor its resource’s, are refused', async () => {
    const { token } = await testProvider()
    await expectOAuthError(token('machine', { ...grant, scope: 'jobs:run jobs:delete' }), 'invalid_scope')
    await expectOAuthError(token('machine', { ...grant, scope: 'read:messages' }), 'invalid_scope')
    await expectOAuthError(
      token('machine', { ...grant, resource: testOpaqueApi, scope: 'read:messages' }),
      'invalid_scope',
    )
  })

  test('features 8: a client limited to some resources is refused the others', async () => {
    const limited = client({
      client_id: 'limited',
      client_secret: 'limited-secret',
      grant_types: ['client_credentials'],
      resources: [testApi],
      token_endpoint_auth_method: 'client_secret_post',
    })
    const { token } = await testProvider({ moreClients: [limited] })
    expect((await token('limited', { ...grant, resource: testApi })).scope).toBe('read:messages write:messages')
    await expectOAuthError(token('limited', { ...grant, resource: testOpaqueApi }), 'invalid_target')
    await expectOAuthError(token('limited', { ...grant, audience: 'https://unknown.example.com' }), 'invalid_target')
  })

  test('scopes that speak of a person are refused', async () => {
    const { token } = await testProvider()
    await expectOAuthError(token('machine', { ...grant, scope: 'openid' }), 'invalid_scope')
    await expectOAuthError(token('machine', { ...grant, scope: 'offline_access' }), 'invalid_scope')
  })

  test('a client that is not registered for it is refused', async () => {
    const { token } = await testProvider()
    await expectOAuthError(token('web', grant), 'unauthorized_client')
  })
})
