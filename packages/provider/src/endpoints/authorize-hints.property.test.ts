import { client, newPerson, testProvider } from '@latchkey/testing'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'

const redirect_uri = 'https://app.example.com/cb'
const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const app = client({
  client_id: 'app',
  token_endpoint_auth_method: 'none',
  redirect_uris: [redirect_uri],
  require_consent: false,
})
const base = {
  client_id: 'app',
  redirect_uri,
  response_type: 'code',
  scope: 'openid profile',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
}

const word = fc.oneof(
  fc.constantFrom('alice-1', 'root-1', 'de', 'en-GB', '__proto__', 'constructor', 'toString', '', '-1', '1e9', '0'),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const single = fc.oneof(
  fc.constant(null),
  fc.record(
    {
      essential: fc.anything(),
      value: fc.oneof(word, fc.jsonValue()),
      values: fc.oneof(fc.array(word), fc.jsonValue()),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
)
const names = fc.constantFrom('sub', 'name', 'acr', 'auth_time', 'email', '__proto__', 'constructor', 'name#de', 'sid')
const members = fc.oneof(fc.dictionary(names, single, { maxKeys: 4 }), fc.jsonValue())
const asked = fc.record({ id_token: members, userinfo: members, other: fc.jsonValue() }, { requiredKeys: [] })
const claims = fc.oneof(asked, asked, fc.jsonValue())
const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
const unsigned = fc
  .oneof(
    fc
      .record(
        { claims, max_age: fc.jsonValue(), login_hint: fc.jsonValue(), acr_values: word, display: fc.jsonValue() },
        { requiredKeys: [] },
      )
      .map((more) => ({ ...base, ...more })),
    fc.jsonValue(),
  )
  .map((value) => `${encoded({ alg: 'none' })}.${encoded(value)}.`)
const hint = (name: string, value: fc.Arbitrary<string>) => value.map((given): [string, string] => [name, given])
const hints = fc.array(
  fc.oneof(
    { arbitrary: hint('claims', word), weight: 1 },
    {
      arbitrary: hint(
        'claims',
        claims.map((value) => JSON.stringify(value)),
      ),
      weight: 4,
    },
    ...['claims_locales', 'ui_locales', 'login_hint', 'id_token_hint', 'acr_values', 'nonce', 'state'].map((name) => ({
      arbitrary: hint(name, word),
      weight: 1,
    })),
    { arbitrary: hint('display', fc.oneof(fc.constantFrom('page', 'popup', 'touch', 'wap'), word)), weight: 1 },
    { arbitrary: hint('max_age', fc.oneof(fc.constantFrom('0', '1', '10000'), word)), weight: 1 },
    { arbitrary: hint('prompt', fc.oneof(fc.constantFrom('none', 'login', 'consent', 'none login'), word)), weight: 1 },
    { arbitrary: hint('request', unsigned), weight: 2 },
    { arbitrary: hint('id_token_hint', unsigned), weight: 1 },
  ),
  { maxLength: 4 },
)

test('OIDC Core §3.1.2.1, §5.5.1: whatever is hinted, nothing breaks and nobody is told to be another', async () => {
  const kit = await testProvider({ moreClients: [app], unsignedRequestObjects: true })
  const visit = async (query: Record<string, string>) => {
    const person = newPerson(kit.provider)
    const page = await person.open(`/authorize?${new URLSearchParams(query)}`)
    expect(page.status).toBeLessThan(500)
    if (page.leftTo !== null || page.status >= 400) return page
    expect(page.path).toMatch(/^\/interaction\//)
    return person.post(`${page.path}/sign-in`, { username: 'alice' })
  }
  const redeemed = async (code: string) => {
    const tokens = await kit.token('app', { grant_type: 'authorization_code', code, redirect_uri, code_verifier })
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    const userinfo = await kit.request('/userinfo', { headers })
    return [decodeJwt(String(tokens.id_token)).sub, (await userinfo.json()).sub]
  }
  let arrived = 0
  await fc.assert(
    fc.asyncProperty(hints, async (given) => {
      const wellFormed = given.map(([name, value]) => [name, value.toWellFormed()])
      const { status, leftTo } = await visit({ ...base, ...Object.fromEntries(wellFormed) })
      expect(status).toBeLessThan(500)
      if (leftTo === null) return
      expect(['server_error', 'invalid_scope']).not.toContain(leftTo.searchParams.get('error'))
      const code = leftTo.searchParams.get('code')
      if (code === null) return
      arrived++
      expect(await redeemed(code)).toEqual(['alice-1', 'alice-1'])
    }),
    { numRuns: 250 },
  )
  expect(arrived).toBeGreaterThan(10)
})
