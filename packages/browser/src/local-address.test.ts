import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localAddress, readResponse, withoutResponse } from './local-address.ts'

const page = 'https://app.test/deep/page?x=1'

test('a local address keeps path, query and fragment', () => {
  expect(localAddress('/a?b=c#d', page)).toBe('/a?b=c#d')
  expect(localAddress('sibling', page)).toBe('/deep/sibling')
  expect(localAddress('https://app.test/a', page)).toBe('/a')
})

test.each([
  'https://evil.test/',
  '//evil.test/',
  '/\\evil.test',
  '\\\\evil.test',
  'https://app.test@evil.test/',
  'https://user@app.test/',
  'https://app.test:8443/',
  'http://app.test/',
  'javascript:alert(1)',
  'data:text/html,x',
])('%s is no local address', (address) => {
  expect(localAddress(address, page)).toBeNull()
})

test('whatever the address, the result never leaves the origin', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '//',
    'evil.test',
    '@',
    ':',
    'https:',
    '.',
    '..',
    '%2f',
    '?',
    '#',
    '\t',
    '\n',
    'a',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 10 }).map((parts) => parts.join('')),
        fc.webUrl(),
        fc.string(),
      ),
      (address) => {
        const local = localAddress(address, page)
        if (local !== null) expect(new URL(local, page).origin).toBe('https://app.test')
      },
    ),
    { numRuns: 2000 },
  )
})

test('only the parameters of the protocol go; the app keeps its own as they were written', () => {
  expect(withoutResponse('https://app.test/?code=1&state=2&iss=3&session_state=4')).toBe('https://app.test/')
  expect(withoutResponse('https://app.test/cb?q=a%20b&code=1&state=2&r=+#/route?code=5')).toBe(
    'https://app.test/cb?q=a%20b&r=+#/route?code=5',
  )
  expect(withoutResponse('https://app.test/?error=e&error_description=d&mystate=1')).toBe('https://app.test/?mystate=1')
})

test('an answer is one only at the redirect URI and with a state', () => {
  const redirectUri = 'https://app.test/cb'
  expect(readResponse('https://app.test/cb?code=1&state=2', redirectUri)?.get('code')).toBe('1')
  expect(readResponse('https://app.test/cb?error=access_denied&state=2', redirectUri)).not.toBeNull()
  expect(readResponse('https://app.test/cb?code=1', redirectUri)).toBeNull()
  expect(readResponse('https://app.test/other?code=1&state=2', redirectUri)).toBeNull()
})
