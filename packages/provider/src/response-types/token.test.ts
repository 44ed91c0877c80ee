import { client, newPerson, testKey, testProvider } from '@latchkey/testing'
import { expect, test } from 'vitest'

test('features 20: a client whose tokens are bound gets no bearer token from the authorization endpoint', async () => {
  const bound = client({
    client_id: 'bound',
    client_secret: 'b'.repeat(32),
    redirect_uris: ['https://app.example.com/cb'],
    grant_types: ['implicit'],
    response_types: ['id_token token'],
    require_consent: false,
    dpop_bound_access_tokens: true,
  })
  const { provider } = await testProvider({ moreClients: [bound] })
  const person = newPerson(provider)
  const parameters = {
    client_id: 'bound',
    response_type: 'id_token token',
    redirect_uri: 'https://app.example.com/cb',
    scope: 'openid',
    nonce: 'n1',
  }
  const open = (more: Record<string, string> = {}) =>
    person.open(`/authorize?${new URLSearchParams({ ...parameters, ...more })}`)
  const { jkt } = await testKey()
  const page = await open({ dpop_jkt: jkt })
  await person.post(`${page.path}/sign-in`, { username: 'alice' })
  const answer = async (more: Record<string, string> = {}) =>
    Object.fromEntries(new URLSearchParams((await open(more)).leftTo?.hash.slice(1)))
  expect(await answer()).toMatchObject({ error: 'invalid_request' })
  expect(await answer({ dpop_jkt: jkt })).toMatchObject({ token_type: 'DPoP' })
})
