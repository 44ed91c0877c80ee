import { expect, test } from 'vitest'
import { clientEndpointProblems } from './client-endpoints.ts'

const redirect_uris = ['https://app.example.com/cb', 'http://127.0.0.1:9000/cb']
const problems = (client: Parameters<typeof clientEndpointProblems>[0]) => [
  ...clientEndpointProblems({ redirect_uris, ...client }),
]

test('Back-Channel Logout §2.2, Front-Channel Logout §2: addresses of the client over https, or http on loopback', () => {
  expect(problems({ backchannel_logout_uri: 'https://other.example.com/bc?x=1' })).toEqual([])
  expect(problems({ frontchannel_logout_uri: 'https://app.example.com/front?x=1' })).toEqual([])
  expect(problems({ frontchannel_logout_uri: 'http://127.0.0.1:9000/front' })).toEqual([])
  expect(problems({ initiate_login_uri: 'https://app.example.com/start' })).toEqual([])
})

test.each([
  ['plain http', { backchannel_logout_uri: 'http://app.example.com/bc' }, 'must use https'],
  ['a fragment', { backchannel_logout_uri: 'https://app.example.com/bc#x' }, 'must not have a fragment'],
  ['credentials', { initiate_login_uri: 'https://me:pw@app.example.com/' }, 'must not have a user name'],
  ['no URL', { initiate_login_uri: 'https://' }, 'must be an absolute URL'],
  ['a script', { frontchannel_logout_uri: 'javascript:alert(1)' }, 'must use https'],
])('Back-Channel Logout §2.2: refuses %s', (_, client, problem) => {
  expect(problems(client).join()).toContain(problem)
})

test.each([
  'https://victim.example.com/transfer',
  'https://app.example.com:8443/front',
  'http://app.example.com/front',
])('Front-Channel Logout §2: refuses %s, on the origin of none of its redirect URIs', (frontchannel_logout_uri) => {
  expect(problems({ frontchannel_logout_uri }).join()).toMatch(/origin of one of the redirect_uris|must use https/)
})
