import { expect, test } from 'vitest'
import { readClientMetadata } from './client-metadata.ts'

const web = { client_id: 'web', client_secret: 's', redirect_uris: ['https://a.test/cb'] }

function problemsOf(input: unknown): readonly string[] {
  const read = readClientMetadata(input)
  return 'problems' in read ? read.problems : []
}

test('RFC 7591 §2: what is left out has its default', () => {
  const read = readClientMetadata(web)
  expect('client' in read && read.client).toMatchObject({
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    require_pkce: true,
    require_consent: true,
  })
})

test('an unknown key is an error that names the nearest known one', () => {
  expect(problemsOf({ ...web, redirect_uri: [] })).toEqual([
    'unknown key "redirect_uri"; did you mean "redirect_uris"?',
  ])
  expect(problemsOf({ ...web, zzz: 1 })).toEqual(['unknown key "zzz"'])
})

test('every problem is told at once', () => {
  const problems = problemsOf({
    client_id: '',
    redirect_uris: ['/x', 'https://a.test#f'],
    require_pkce: 'no',
    token_endpoint_auth_method: 'x',
  })
  expect(problems).toHaveLength(5)
})

test('features 4: a public client cannot do without PKCE', () => {
  expect(
    problemsOf({
      client_id: 'spa',
      redirect_uris: ['https://a.test/cb'],
      token_endpoint_auth_method: 'none',
      require_pkce: false,
    }),
  ).toEqual(['require_pkce must be true when token_endpoint_auth_method is "none"'])
})

test('a public client has neither secret nor client_credentials', () => {
  expect(
    problemsOf({
      ...web,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'client_credentials'],
    }),
  ).toHaveLength(2)
})

test.each([null, [], 'x', 1])('%j is no client', (input) => expect(problemsOf(input)).toEqual(['must be an object']))
