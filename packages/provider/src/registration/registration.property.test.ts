import { clientMetadataFields } from '@latchkey/protocol'
import { newPerson, testProvider, testRuntime } from '@latchkey/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const words = fc.constantFrom(
  'https://app.example.com/cb',
  'https://app.example.com/"><script>alert(1)</script>',
  'javascript:alert(1)',
  'data:text/html,x',
  'http://localhost:1/x',
  'com.example.app:/cb',
  '//evil.test',
  'none',
  'private_key_jwt',
  'pairwise',
  'RS256',
  'HS256',
  'A128GCM',
  'RSA-OAEP-256',
  'code',
  'id_token token',
  'implicit',
  'refresh_token',
  'openid email',
  '__proto__',
  'client_name#de',
)
const word = fc.oneof(words, words, fc.string({ unit: 'binary', maxLength: 30 }))
const value = fc.oneof(word, fc.array(word, { maxLength: 3 }), fc.boolean(), fc.jsonValue({ maxDepth: 2 }))
const name = fc.oneof(fc.constantFrom(...Object.keys(clientMetadataFields)), word)
const members = fc.oneof(
  { arbitrary: fc.record({ scope: word }), weight: 1 },
  { arbitrary: fc.dictionary(name, value, { maxKeys: 3 }), weight: 9 },
  { arbitrary: fc.jsonValue(), weight: 1 },
)
const codes = ['invalid_redirect_uri', 'invalid_client_metadata', 'invalid_request']

test('RFC 7591 §3.2.2: whatever registers, the answer is a client whose pages are safe, or an error of registration', async () => {
  const unreachable = testRuntime({ fetch: () => Promise.reject(new TypeError('nothing is there')) })
  const registration = { mode: 'open', perHour: 1_000_000 } as const
  const kit = await testProvider({ registration, runtime: unreachable })
  const headers = { 'content-type': 'application/json' }
  let accepted = 0
  const pagesOf = async (client: Record<string, unknown>) => {
    const [redirect_uri] = client.redirect_uris as string[]
    const query = { client_id: String(client.client_id), redirect_uri: String(redirect_uri), response_type: 'code' }
    const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }
    const page = await newPerson(kit.provider).open(`/authorize?${new URLSearchParams({ ...query, ...challenge })}`)
    expect(page.status).toBeLessThan(500)
    expect(page.text).not.toMatch(/<script>|(href|src)="(?!https?:\/\/|\/|#)/)
  }
  await fc.assert(
    fc.asyncProperty(members, async (given) => {
      const usual = { redirect_uris: ['https://app.example.com/cb'] }
      const plain = typeof given === 'object' && given !== null && !Array.isArray(given)
      const body = JSON.stringify(plain ? { ...usual, ...given } : given)
      const response = await kit.request('/register', { method: 'POST', headers, body })
      const answer = await response.json()
      if (response.status !== 201) {
        expect(response.status).toBe(400)
        expect(codes).toContain(answer.error)
        return
      }
      accepted++
      await pagesOf(answer)
    }),
    { numRuns: 300 },
  )
  expect(accepted).toBeGreaterThan(30)
})
