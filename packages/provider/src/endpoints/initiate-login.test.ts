import { client, newPerson, testProvider } from '@latchkey/testing'
import { expect, test } from 'vitest'

const notes = client({
  client_id: 'notes',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://notes.example.com/cb'],
  initiate_login_uri: 'https://notes.example.com/start?from=op',
})

async function open(query: string) {
  const { provider } = await testProvider({ moreClients: [notes] })
  return newPerson(provider).open(`/initiate-login?${query}`)
}

test('OIDC Core §4: sends the person to where the application starts, with the issuer', async () => {
  const { leftTo } = await open('client_id=notes&login_hint=alice&target_link_uri=https://notes.example.com/n/1')
  expect(leftTo?.origin).toBe('https://notes.example.com')
  expect(Object.fromEntries(leftTo?.searchParams ?? [])).toEqual({
    from: 'op',
    iss: 'https://id.example.com',
    login_hint: 'alice',
    target_link_uri: 'https://notes.example.com/n/1',
  })
})

test.each([
  'https://evil.example/',
  'https://notes.example.com.evil.example/',
  'https://notes.example.com@evil.example/',
  '//evil.example',
  'javascript:alert(1)',
])('OIDC Core §4: is no open redirector: target_link_uri %s', async (target) => {
  const page = await open(`client_id=notes&target_link_uri=${encodeURIComponent(target)}`)
  expect([page.leftTo, page.status]).toEqual([null, 400])
})

test.each(['client_id=web', 'client_id=nobody'])(
  'an application without such an address is not found: %s',
  async (query) => {
    expect((await open(query)).status).toBe(404)
  },
)
