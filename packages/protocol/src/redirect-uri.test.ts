import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRegisteredRedirectUri, redirectUriProblem } from './redirect-uri.ts'

const registered = ['https://app.example.com/cb', 'http://127.0.0.1/cb', 'com.example.app:/cb']

test.each(['https://app.example.com/cb', 'http://127.0.0.1:51234/cb', 'http://127.0.0.1/cb', 'com.example.app:/cb'])(
  'RFC 9700 §2.1: %s is the registered one',
  (uri) => expect(isRegisteredRedirectUri(uri, registered)).toBe(true),
)

test.each([
  'https://app.example.com/cb/',
  'https://app.example.com/cb?x=1',
  'https://app.example.com/CB',
  'https://app.example.com:443/cb',
  'https://app.example.com.evil.test/cb',
  'https://app.example.com@evil.test/cb',
  'https://app.example.com/cb#x',
  'https://app.example.com/x/../cb',
  'http://127.0.0.1:51234/cb/../evil',
  'http://127.0.0.1:51234@evil.test/cb',
  'http://127.0.0.1.evil.test/cb',
  'http://localhost:51234/cb',
  'https://127.0.0.1:51234/cb',
])('RFC 9700 §4.1.3: %s is not', (uri) => expect(isRegisteredRedirectUri(uri, registered)).toBe(false))

test('no edit of a registered https URI passes for it', () => {
  const uri = registered[0] ?? ''
  fc.assert(
    fc.property(fc.nat(uri.length), fc.string({ minLength: 1, maxLength: 3 }), fc.nat(3), (at, insert, drop) => {
      const edited = uri.slice(0, at) + insert + uri.slice(at + drop)
      expect(isRegisteredRedirectUri(edited, [uri])).toBe(edited === uri)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['/cb', 'absolute'],
  ['https://a.test/cb#x', 'fragment'],
  ['https://u:p@a.test/cb', 'user name'],
  ['https://*.a.test/cb', 'wildcard'],
  ['javascript:alert(1)', 'scheme'],
  ['data:text/html,x', 'scheme'],
  ['https://a.test/c b', 'spaces'],
  ['https://a.test\\cb', 'backslash'],
])('RFC 6749 §3.1.2: %s cannot be registered: %s', (uri, why) => expect(redirectUriProblem(uri)).toContain(why))
