import { basic, encodeForm, testProvider } from '@latchkey/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const parameters = [
  'grant_type',
  'code',
  'code_verifier',
  'redirect_uri',
  'refresh_token',
  'scope',
  'resource',
  'audience',
  'client_id',
  'client_secret',
  'token',
]
const plausible = ['authorization_code', 'refresh_token', 'client_credentials', 'web', 'machine', 'spa', 'a.b.c']
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom(...plausible))
const name = fc.oneof(fc.constantFrom(...parameters), fc.string({ maxLength: 12 }))
const pairs = fc.array(fc.tuple(name, text), { maxLength: 8 })
const encoded = pairs.map((list) => encodeForm(Object.fromEntries(list)).toString())
const raw = fc.string({ unit: 'binary', maxLength: 200 })
const authorization = fc.oneof(
  fc.constant(undefined),
  fc.tuple(text, text).map(([id, secret]) => basic(wellFormed(id), wellFormed(secret))),
  fc.constantFrom('Basic', 'Basic %%%', 'Bearer x', 'basic  YTpi', basic('machine', 'machine-secret-machine-secret')),
)
const path = fc.constantFrom('/token', '/token/', '/introspect', '/revoke', '/userinfo')

function wellFormed(value: string): string {
  return value.toWellFormed()
}

test('RFC 6749 §5.2: whatever is sent to the endpoints for machines, the answer is a JSON error and never a 5xx', async () => {
  const { request } = await testProvider()
  const requests = fc.record({ path, body: fc.oneof(encoded, raw), authorization })
  await fc.assert(
    fc.asyncProperty(requests, async (asked) => {
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        ...(asked.authorization === undefined ? {} : { authorization: asked.authorization }),
      }
      const response = await request(asked.path, { method: 'POST', headers, body: asked.body })
      expect(response.status).toBeLessThan(500)
      if (response.status !== 200 && !response.headers.get('www-authenticate')?.startsWith('Bearer')) {
        expect(await response.json()).toMatchObject({ error: expect.any(String), request_id: expect.any(String) })
      }
    }),
    { numRuns: 400 },
  )
})

test('a token whose bytes were changed anywhere is never accepted', async () => {
  const { signIn, request } = await testProvider()
  const { access_token: jwt } = await signIn({ resource: 'https://api.example.com', scope: 'openid' })
  const { access_token: opaque } = await signIn({ scope: 'openid' })
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
  const changes = fc.record({
    token: fc.constantFrom(jwt, opaque),
    at: fc.nat(),
    to: fc.constantFrom(...alphabet),
  })
  await fc.assert(
    fc.asyncProperty(changes, async ({ token, at, to }) => {
      const index = at % token.length
      const changed = token.slice(0, index) + to + token.slice(index + 1)
      fc.pre(changed !== token && !sameBytes(changed, token))
      const response = await request('/userinfo', { headers: { authorization: `Bearer ${changed}` } })
      expect(response.status).toBe(401)
    }),
    { numRuns: 300 },
  )
})

/** The last character of base64url may hold bits that stand for nothing. */
function sameBytes(a: string, b: string): boolean {
  const bytes = (token: string) => token.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'))
  return b.includes('.') && bytes(a).join('.') === bytes(b).join('.')
}
