import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAuthorizationHeader } from './authorization-header.ts'
import { formatChallenge, parseChallenges } from './www-authenticate.ts'

test('features 10: a challenge always begins with its scheme', () => {
  expect(formatChallenge('Bearer', {})).toBe('Bearer')
  expect(formatChallenge('Bearer', { error: 'invalid_token', scope: undefined })).toBe('Bearer error="invalid_token"')
})

test('RFC 9110 §11.6.1: challenges are read back as they were written', () => {
  const header = 'Bearer realm="a, b", error="invalid_token", DPoP algs="ES256 RS256", Basic'
  expect(parseChallenges(header)).toEqual([
    { scheme: 'Bearer', parameters: { realm: 'a, b', error: 'invalid_token' } },
    { scheme: 'DPoP', parameters: { algs: 'ES256 RS256' } },
    { scheme: 'Basic', parameters: {} },
  ])
  expect(parseChallenges(null)).toEqual([])
})

test('a value cannot break out of its quotes or its header line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const header = formatChallenge('Bearer', { error_description: value, error: 'invalid_token' })
      expect(header).toMatch(/^[\x20-\x7e]*$/)
      const [challenge, ...others] = parseChallenges(header)
      expect(others).toEqual([])
      expect(challenge?.parameters.error).toBe('invalid_token')
    }),
  )
})

test.each([
  [null, 'absent'],
  ['', 'absent'],
  ['Bearer abc', 'bearer'],
  ['bEaReR abc.d-e_f~g+h/i==', 'bearer'],
  ['DPoP abc', 'dpop'],
  ['Basic YTpi', 'basic'],
  ['Bearer', 'malformed'],
  ['Bearer a b', 'malformed'],
  ['Bearer a,b', 'malformed'],
  ['Bearer a\u0000', 'malformed'],
  ['Negotiate abc', 'other'],
])('RFC 6750 §2.1: the header %j is read as %s', (header, scheme) =>
  expect(parseAuthorizationHeader(header).scheme).toBe(scheme),
)
