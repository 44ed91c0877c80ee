import { ConfigError } from '@latchkey/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkedRouteTable, routesOf } from './route-table.ts'

const page = 'https://app.test/start'
const api = 'https://api.example.com'
const table = checkedRouteTable(
  {
    secureRoutes: [
      '/api',
      { url: `${api}/v1`, resource: api },
      { url: `${api}/v1/admin`, resource: api, scope: 'admin' },
      { url: `${api}/v1/admin`, methods: ['get'], scope: 'admin:read' },
      { url: `${api}/public`, authentication: 'optional' },
    ],
    resources: [api],
  },
  page,
)
const found = routesOf(table, () => page)

describe('the route table', () => {
  test('of several rows the most specific one counts, and one that names the method before one that does not', () => {
    expect(found(`${api}/v1/x`)).toMatchObject({ resource: api, depth: 1 })
    expect(found(`${api}/v1/admin/users`)).toMatchObject({ scope: 'admin:read', depth: 2 })
    expect(found(`${api}/v1/admin/users`, 'post')).toMatchObject({ scope: 'admin' })
    expect(found('/api/x')).toEqual({ authentication: 'required', depth: 1 })
    expect(found(`${api}/public/x`)).toMatchObject({ authentication: 'optional' })
  })

  test('a mistake in the table is an error at start, all of them at once', () => {
    const make = () =>
      checkedRouteTable(
        {
          secureRoutes: [
            '/api',
            { url: '/api', methods: ['GET'] },
            '/api',
            'https://*.example.com',
            { url: '/x', resource: 'https://other.example.com' },
            { url: '/y', scopes: 'a' } as never,
            { url: `${api}/a/..%2fb` },
          ],
          resources: [api],
        },
        page,
      )
    expect(make).toThrow(ConfigError)
    for (const word of ['twice', 'wildcard', 'add it to resources', 'unknown member scopes', 'encoded slash'])
      expect(make).toThrow(word)
  })

  test('features 21: whatever is done to a URL, the row that is found is of its very origin and its whole segments', () => {
    const piece = fc.constantFrom(
      'v1',
      'v1x',
      'admin',
      'api',
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '..;',
      '',
      '\\',
      '@',
      'evil.test',
      ':443',
      '?',
      '#',
      ';x',
    )
    const start = fc.constantFrom(
      `${api}/`,
      `${api}.evil.test/`,
      `${api}@evil.test/`,
      'https://evil.test/https://api.example.com/',
      '//api.example.com/',
      '\\\\api.example.com\\',
      'https:api.example.com/',
      'http://api.example.com/',
      'https://api.example.com:8443/',
      '/',
      '',
      'javascript:',
    )
    fc.assert(
      fc.property(start, fc.array(piece, { maxLength: 7 }), fc.string({ maxLength: 6 }), (before, path, tail) => {
        const url = before + path.join('/') + tail
        const match = found(url)
        if (match === null) return
        const target = new URL(url, page)
        const segments = target.pathname.split('/').slice(1)
        const rows = target.origin === api ? ['v1', 'public'] : target.origin === 'https://app.test' ? ['api'] : []
        expect(rows).toContain(segments[0])
        expect(match.depth).toBe(target.origin === api && segments[1] === 'admin' ? 2 : 1)
        expect(decodeURIComponent(target.pathname)).not.toMatch(/(^|\/)\.\.(\/|;|$)|\\/)
      }),
      { numRuns: 5000 },
    )
  })
})
