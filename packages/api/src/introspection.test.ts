import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ApiGuard, createApiGuard } from './api-guard.ts'
import { told } from './test-hostile.ts'
import { audience, type TestIssuer, testIssuer } from './test-issuer.ts'

let issuers: TestIssuer[]
beforeEach(async () => {
  issuers = [await testIssuer(), await testIssuer()]
})
afterEach(() => Promise.all(issuers.map((issuer) => issuer.close())))

type Answer = 'active' | 'unknown' | 'away' | 'never'

/** A guard of both issuers; what each says of any token at its introspection endpoint. */
function guardOf(...answers: readonly [Answer, Answer]): ApiGuard {
  const [first, second] = issuers as [TestIssuer, TestIssuer]
  for (const issuer of issuers) issuer.metadata.introspection_endpoint = `${issuer.issuer}/introspect`
  const fetch: typeof first.runtime.fetch = async (input, init) => {
    const url = String(input)
    if (!url.endsWith('/introspect')) return first.runtime.fetch(input, init)
    const answer = answers[url.startsWith(first.issuer) ? 0 : 1]
    if (answer === 'never') return new Promise(() => {})
    if (answer === 'away') return new Response(null, { status: 502 })
    return Response.json(answer === 'active' ? { active: true, sub: 'alice', aud: audience } : { active: false })
  }
  return createApiGuard({
    issuers: [first.issuer, second.issuer],
    audience,
    runtime: { ...first.runtime, fetch },
    introspection: { clientId: 'api', clientSecret: 'secret' },
  })
}
const ask = async (guard: ApiGuard, token = 'opaque') =>
  told(await guard.authenticate({ authorization: `Bearer ${token}` }))

test.each<[Answer, Answer, number]>([
  ['unknown', 'active', 200],
  ['away', 'active', 200],
  ['active', 'away', 200],
  ['unknown', 'unknown', 401],
  ['away', 'unknown', 503],
  ['unknown', 'away', 503],
  ['away', 'away', 503],
])('RFC 7662 §2.2: where one issuer is %s and the other %s, an opaque token gets %i', async (one, other, status) => {
  expect((await ask(guardOf(one, other))).status).toBe(status)
})

test('a flood of made-up tokens opens no endless number of questions, and is told to come again', async () => {
  const guard = guardOf('never', 'unknown')
  for (let index = 0; index < 1000; index++) void ask(guard, `made-up-${index}`)
  const expected = { status: 503, error: 'temporarily_unavailable' }
  const last = await guard.authenticate({ authorization: 'Bearer one-more' })
  expect(told(last)).toMatchObject(expected)
  expect(last).toMatchObject({ refusal: { headers: { 'retry-after': '1' } } })
})
