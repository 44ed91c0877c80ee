import { client, newPerson, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { claimsOfScopes } from '../claims/scope-claims.ts'
import { scopeAsked } from './permissions.ts'

const notes = client({
  client_id: 'notes',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['https://notes.example/cb'],
  scope: 'openid profile email',
})
const ask = (claims: object) =>
  `/authorize?${new URLSearchParams({
    client_id: 'notes',
    response_type: 'code',
    redirect_uri: 'https://notes.example/cb',
    scope: 'openid',
    claims: JSON.stringify(claims),
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })}`

describe('OIDC Core §5.5: claims asked for by name', () => {
  test('the person is asked in the words of the scope that would tell them, also when the rest was allowed before', async () => {
    const { provider, store } = await testProvider({ moreClients: [notes] })
    const person = newPerson(provider)
    const door = await person.open(ask({}))
    const first = await person.post(`${door.path}/sign-in`, { username: 'alice' })
    expect(first.text).not.toContain('See your email address')
    expect((await person.submit(first, { decision: 'allow' })).leftTo).not.toBeNull()
    const second = await person.open(ask({ userinfo: { email: null } }))
    expect(second.leftTo).toBeNull()
    expect(second.text).toContain('See your email address')
    expect((await person.submit(second, { decision: 'allow' })).leftTo?.searchParams.get('code')).toBeTruthy()
    expect(await store.consents.find('alice-1', 'notes')).toContain('email')
    expect((await person.open(ask({ id_token: { email: { essential: true } } }))).leftTo).not.toBeNull()
    expect((await person.open('/account')).text).toContain('See your email address')
  })

  const asked = (scope: string, claims: object) =>
    scopeAsked(
      { claimsOfScopes: claimsOfScopes() },
      { client: { metadata: notes }, scope: scope.split(' '), resources: [], claims },
    )

  test('what a scope of the request tells anyway, what no scope of the client tells, and what is no claim of a person adds nothing', () => {
    expect(asked('openid email', { userinfo: { email: null, email_verified: null } })).toEqual(['openid', 'email'])
    expect(asked('openid', { userinfo: { phone_number: null } })).toEqual(['openid'])
    expect(asked('openid', { id_token: { acr: { essential: true }, sub: { value: 'x' }, nonsense: null } })).toEqual([
      'openid',
    ])
    expect(asked('openid', { id_token: { 'given_name#de': null } })).toEqual(['openid', 'profile'])
  })
})
