import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { isSecureRoute, parseSecureRoutes } from './secure-route.ts'

const page = 'https://app.example.com/start'
const routes = parseSecureRoutes(['https://api.example.com/v1', '/api'], page)
const allowed = (url: string) => isSecureRoute(url, page, routes)

describe('a token goes to the very origin and whole segments', () => {
  test.each([
    'https://api.example.com/v1',
    'https://api.example.com/v1/',
    'https://api.example.com/v1/messages?x=1#y',
    'https://API.example.com:443/v1/a',
    'https://api.example.com/v0/../v1/a',
    '/api',
    '/api/a/b',
    'https://app.example.com/api/a',
  ])('%s is covered', (url) => expect(allowed(url)).toBe(true))

  test.each([
    ['a host that only starts like it', 'https://api.example.com.evil.test/v1'],
    ['the host as a user name', 'https://api.example.com@evil.test/v1'],
    ['a user name on the right host', 'https://user@api.example.com/v1'],
    ['a subdomain', 'https://x.api.example.com/v1'],
    ['another port', 'https://api.example.com:8443/v1'],
    ['http in place of https', 'http://api.example.com/v1'],
    ['a longer segment', 'https://api.example.com/v1x'],
    ['a longer segment of a path row', '/apix'],
    ['a climb out of the path', '/api/../admin'],
    ['an encoded climb', '/api/%2e%2e/admin'],
    ['a climb behind an encoded slash', '/api/..%2fadmin'],
    ['a doubly encoded climb', '/api/%252e%252e/admin'],
    ['an encoded backslash', '/api/%5c..%5cadmin'],
    ['a climb with a path parameter', '/api/..;/admin'],
    ['a double slash', '/api//admin'],
    ['a network path to another host', '//evil.test/api'],
    ['a backslash host', '\\\\evil.test/api'],
    ['another path', 'https://api.example.com/'],
    ['another letter case in the path', '/API'],
    ['broken percent-encoding', '/api/%zz'],
    ['no URL at all', 'https://'],
  ])('features 21: %s gets no token', (_, url) => expect(allowed(url)).toBe(false))
})

test.each(['/\\evil.test', '/\t/evil.test', '/\n/evil.test', 'https:/\\evil.test', ' //evil.test'])(
  'features 21: a row that browsers read as another origin than it seems to name is refused: %j',
  (row) => {
    expect(() => parseSecureRoutes([row], 'https://app.test/')).toThrow(ConfigError)
  },
)

test('features 21: a wildcard that crosses the host is refused at start, with every bad row at once', () => {
  const rows = [
    'https://*.example.com',
    'api',
    '//x/y',
    'https://a.test/x?y',
    'https://u:p@a.test',
    '/a/%2e%2e%2f',
    'https://ok.test',
  ]
  const failure = catchError(() => parseSecureRoutes(rows, page))
  expect(failure).toBeInstanceOf(ConfigError)
  expect((failure as ConfigError).problems).toHaveLength(6)
})

test('features 21: whatever is done to a URL, no other origin and no other segment gets a token', () => {
  const mutation = fc.record({
    before: fc.constantFrom('', '/', '//', '\\', 'x', '.', '@', 'user@', ' ', '\t', '%2f'),
    host: fc.constantFrom(
      'api.example.com',
      'api.example.com.',
      'api.example.com.evil.test',
      'evil.test',
      'api.example.com@evil.test',
      'API.EXAMPLE.COM',
      'api.example.com:444',
    ),
    path: fc.array(
      fc.constantFrom(
        'v1',
        'v1x',
        '..',
        '.',
        '%2e%2e',
        '%252e',
        'admin',
        '',
        '..;',
        '\\',
        '%2f',
        ';',
        '?',
        '#',
        'v1%2fadmin',
      ),
      { maxLength: 6 },
    ),
    tail: fc.string({ maxLength: 8 }),
  })
  fc.assert(
    fc.property(mutation, ({ before, host, path, tail }) => {
      const url = `https:${before === '' ? '//' : before}${host}/${path.join('/')}${tail}`
      if (!allowed(url)) return
      const target = new URL(url, page)
      expect(['https://api.example.com', 'https://app.example.com']).toContain(target.origin)
      const first = target.origin === 'https://api.example.com' ? 'v1' : 'api'
      expect(target.pathname.split('/')[1]).toBe(first)
      expect(decodeURIComponent(target.pathname)).not.toMatch(/(^|\/)\.\.(\/|;|$)|\\/)
    }),
    { numRuns: 5000 },
  )
})

function catchError(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}
