import { expect, test } from 'vitest'
import { nearestKey } from './config-error.ts'
import { authorizationServerMetadataUrl, issuerProblems, openidConfigurationUrl } from './issuer.ts'
import { isCodeVerifier, readCodeChallenge } from './pkce.ts'

test.each([
  'https://id.example.com',
  'https://id.example.com/tenant',
  'http://127.0.0.1:8000',
  'http://localhost:8000',
  'http://[::1]:1',
])('RFC 8414 §2: %s is an issuer', (issuer) => expect([...issuerProblems(issuer)]).toEqual([]))

test('RFC 8414 §2: every problem of an issuer comes with its fix', () => {
  expect([...issuerProblems('http://u:p@id.example.com/?a#b/')]).toEqual([
    'issuer: use https (http is for loopback addresses only), not "http://u:p@id.example.com/?a#b/"',
    'issuer: remove the query',
    'issuer: remove the fragment',
    'issuer: remove the user name and password',
    'issuer: remove the slash at the end',
  ])
  expect([...issuerProblems('nonsense')]).toHaveLength(1)
})

test('the two well-known addresses differ for an issuer with a path', () => {
  expect(openidConfigurationUrl('https://a.test/x')).toBe('https://a.test/x/.well-known/openid-configuration')
  expect(authorizationServerMetadataUrl('https://a.test/x')).toBe(
    'https://a.test/.well-known/oauth-authorization-server/x',
  )
})

test('features 4: plain, a missing method and a malformed challenge are refused', () => {
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
  expect(readCodeChallenge(challenge, 'S256')).toBe(challenge)
  expect(readCodeChallenge(undefined, undefined)).toBeUndefined()
  for (const [one, method] of [
    [challenge, 'plain'],
    [challenge, undefined],
    ['short', 'S256'],
    [undefined, 'S256'],
  ] as const) {
    expect(() => readCodeChallenge(one, method)).toThrow('invalid_request')
  }
})

test('RFC 7636 §4.1: a verifier has 43 to 128 unreserved characters', () => {
  expect(isCodeVerifier('a'.repeat(43))).toBe(true)
  for (const text of ['a'.repeat(42), 'a'.repeat(129), `${'a'.repeat(43)}+`]) expect(isCodeVerifier(text)).toBe(false)
})

test('the nearest key is named only when it is near', () => {
  expect(nearestKey('isuer', ['issuer', 'listen'])).toBe('issuer')
  expect(nearestKey('banana', ['issuer', 'listen'])).toBeUndefined()
})
