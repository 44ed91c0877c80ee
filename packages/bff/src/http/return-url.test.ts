import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localReturnUrl } from './return-url.ts'

const origin = 'https://app.example.com'

test.each([
  ['//evil.test'],
  ['///evil.test'],
  ['/\\evil.test'],
  ['\\\\evil.test'],
  ['/%5Cevil.test'],
  ['/%5cevil.test'],
  ['/%255Cevil.test'],
  ['/%2Fevil.test'],
  ['/%252Fevil.test'],
  ['%2F%2Fevil.test'],
  ['/\t/evil.test'],
  ['/%09/evil.test'],
  ['/\n/evil.test'],
  ['/.//evil.test'],
  ['/..//evil.test'],
  ['/x/..//evil.test'],
  ['https://evil.test/'],
  ['https:evil.test'],
  ['javascript:alert(1)'],
  ['data:text/html,x'],
  ['evil.test'],
  ['@evil.test'],
  ['/%E0%A4%A'],
  [`/${'a'.repeat(3000)}`],
])('RFC 9700 §4.11: an open redirect through returnUrl %j is refused', (text) => {
  expect(localReturnUrl(text, origin)).toBeNull()
})

test.each([
  [null, '/'],
  ['', '/'],
  ['/', '/'],
  ['/orders?page=2#top', '/orders?page=2#top'],
  ['/orders/%C3%A4', '/orders/%C3%A4'],
  ['/search?q=a%2Fb', '/search?q=a%2Fb'],
])('a returnUrl on our own site is kept: %j', (text, kept) => {
  expect(localReturnUrl(text, origin)).toBe(kept)
})

test('RFC 9700 §4.11: whatever is let through stays on our origin in every browser reading of it', () => {
  const part = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '%2f',
    '%5c',
    '%09',
    '\t',
    '@',
    ':',
    'evil.test',
    '//',
    '?',
    '#',
    'a',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const kept = localReturnUrl(`/${parts.join('')}`, origin)
      if (kept !== null) expect(new URL(kept, origin).origin).toBe(origin)
    }),
  )
})
