import { isRegisteredRedirectUri } from '@latchkey/protocol'
import { newPerson, testClients, testProvider } from '@latchkey/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const registered = testClients.flatMap(({ redirect_uris }) => redirect_uris)
const names = fc.constantFrom(
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'prompt',
  'max_age',
  'claims',
  'request',
  'request_uri',
  'resource',
  'id_token_hint',
  'code_challenge',
  'code_challenge_method',
  'ui_locales',
  'acr_values',
  'authorization_details',
  'dpop_jkt',
  'registration',
  'display',
)
const likely = fc.constantFrom(
  'web',
  'spa',
  'code',
  'id_token',
  'code id_token token',
  'none',
  'jwt',
  'query.jwt',
  'web_message',
  'form_post',
  'openid',
  'https://app.example.com/cb',
  'https://app.example.com/cb/',
  'https://app.example.com.evil.test/cb',
  '//evil.test',
  'https://app.example.com@evil.test/cb',
  'javascript:alert(1)',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.e30.',
  '{}',
  '[]',
  '0',
  'urn:ietf:params:oauth:request_uri:x',
  '{"id_token":{"acr":{"values":[1,null]}}}',
  '[{"type":"__proto__"}]',
)
const parameters = fc.array(fc.tuple(names, fc.oneof(likely, likely, fc.string({ unit: 'binary', maxLength: 40 }))), {
  maxLength: 12,
})

test('RFC 9700 §4.11: whatever is asked, the answer is no 5xx and leads to no address that is not registered', async () => {
  const { provider } = await testProvider()
  await fc.assert(
    fc.asyncProperty(parameters, fc.boolean(), async (given, asPost) => {
      const body = given.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&')
      const url = `${provider.issuer}/authorize`
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const response = await provider.fetch(
        asPost ? new Request(url, { method: 'POST', headers, body }) : new Request(`${url}?${body}`),
      )
      expect(response.status).toBeLessThan(500)
      const location = response.headers.get('location')
      if (location !== null && !location.startsWith('/interaction/'))
        expect(registered).toContain(location.split(/[?#]/)[0])
    }),
    { numRuns: 400 },
  )
})

test('RFC 6749 §3.1: raw bytes in the query are never a 5xx', async () => {
  const { provider } = await testProvider()
  const person = newPerson(provider)
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[\x21-\x22\x24-\x7e]{0,80}$/), async (query) => {
      const page = await person.open(`/authorize?${query}`)
      expect(page.status).toBeLessThan(500)
      expect(page.leftTo).toBeNull()
    }),
    { numRuns: 200 },
  )
})

test('RFC 9700 §4.1.3: a redirect URI matches when its characters are the same, and never otherwise', () => {
  const uri = fc.webUrl({ withQueryParameters: true })
  fc.assert(
    fc.property(uri, fc.string({ maxLength: 8 }), fc.nat(200), (one, extra, at) => {
      expect(isRegisteredRedirectUri(one, [one])).toBe(true)
      const other = one.slice(0, at) + extra + one.slice(at)
      expect(isRegisteredRedirectUri(other, [one])).toBe(other === one)
    }),
  )
})

test('RFC 8252 §7.3: only the port of a loopback address may differ', () => {
  const port = fc.integer({ min: 1, max: 65_535 })
  const path = fc.stringMatching(/^[a-z]{1,8}$/)
  fc.assert(
    fc.property(port, port, path, path, (one, two, here, there) => {
      const of = (host: string, number: number, name: string) => `http://${host}:${number}/${name}`
      expect(isRegisteredRedirectUri(of('127.0.0.1', two, here), [of('127.0.0.1', one, here)])).toBe(true)
      expect(isRegisteredRedirectUri(of('127.0.0.1', two, there), [of('127.0.0.1', one, here)])).toBe(here === there)
      expect(isRegisteredRedirectUri(of('localhost', two, here), [of('127.0.0.1', one, here)])).toBe(false)
      expect(isRegisteredRedirectUri(of('127.0.0.1.evil.test', two, here), [of('127.0.0.1', one, here)])).toBe(false)
    }),
  )
})
