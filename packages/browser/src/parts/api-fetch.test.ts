import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiOrigin, type Opened } from '../simulated/simulated-world.ts'
import { type TestWorld, testWorld } from '../test-world.ts'

interface Heard {
  readonly url: string
  readonly authorization: string | null
}

/** A world in which every request outside the provider is answered by `answer` and remembered. */
async function worldWithApi(answer: (request: Request, count: number) => Response) {
  const heard: Heard[] = []
  const w = await testWorld({
    between: async (request, send) => {
      if (request.url.startsWith('https://id.example.com/')) return send(request)
      heard.push({ url: request.url, authorization: request.headers.get('authorization') })
      return answer(request, heard.length)
    },
  })
  return { w, heard }
}

const challenge = (status: number, value: string) =>
  new Response(null, { status, headers: { 'www-authenticate': value } })

describe('auth.fetch and what an API answers', () => {
  test('RFC 6750 §3.1: 401 invalid_token brings one renewal and one replay; another error of the API is its answer', async () => {
    const { w, heard } = await worldWithApi((_request, count) =>
      count === 1
        ? challenge(401, 'Bearer error="invalid_token"')
        : count === 2
          ? new Response('ok')
          : challenge(401, 'Bearer error="invalid_request"'),
    )
    const { auth } = await w.signedIn()
    expect((await w.run(auth.fetch(`${apiOrigin}/x`))).status).toBe(200)
    expect([w.refreshes(), heard.length, new Set(heard.map(({ authorization }) => authorization)).size]).toEqual([
      1, 2, 2,
    ])
    expect((await w.run(auth.fetch(`${apiOrigin}/x`))).status).toBe(401)
    expect([w.refreshes(), heard.length]).toEqual([1, 3])
  })

  test('a body that was streamed is never sent a second time', async () => {
    const { w, heard } = await worldWithApi(() => challenge(401, 'Bearer error="invalid_token"'))
    const { auth } = await w.signedIn()
    const body = new ReadableStream({ start: (controller) => controller.close() })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    expect((await w.run(auth.fetch(`${apiOrigin}/x`, init))).status).toBe(401)
    expect([heard.length, w.refreshes()]).toEqual([1, 0])
  })

  test('RFC 9470 §3: insufficient_user_authentication is told as a challenge, and answering it asks for that very sign-in', async () => {
    const { w } = await worldWithApi(() =>
      challenge(401, 'Bearer error="insufficient_user_authentication", acr_values="mfa hw", max_age="5"'),
    )
    const { auth, tab } = await w.signedIn()
    const told: unknown[] = []
    auth.onEvent((event) => event.type === 'api-challenge' && told.push(event.challenge))
    expect((await w.run(auth.fetch(`${apiOrigin}/pay`))).status).toBe(401)
    const wanted = { kind: 'step-up', acrValues: ['mfa', 'hw'], maxAgeSeconds: 5 } as const
    expect([told, w.refreshes()]).toEqual([[wanted], 0])
    await w.run(auth.answerChallenge(wanted))
    const { searchParams } = new URL(tab.visited.at(-1) ?? '')
    expect([searchParams.get('acr_values'), searchParams.get('max_age')]).toEqual(['mfa hw', '5'])
  })

  test('RFC 9470 §4: stepUp redirect leaves for the provider by itself', async () => {
    const { w } = await worldWithApi(() =>
      challenge(401, 'Bearer error="insufficient_user_authentication", max_age="5"'),
    )
    const { auth, tab } = await w.signedIn({ stepUp: 'redirect' })
    await w.run(auth.fetch(`${apiOrigin}/pay`))
    expect(new URL(tab.visited.at(-1) ?? '').searchParams.get('max_age')).toBe('5')
  })

  test('RFC 6750 §3.1: 403 insufficient_scope is a challenge that asks for consent to more', async () => {
    const { w } = await worldWithApi(() => challenge(403, 'Bearer error="insufficient_scope", scope="write:messages"'))
    const { auth, tab } = await w.signedIn()
    const told: unknown[] = []
    auth.onEvent((event) => event.type === 'api-challenge' && told.push(event.challenge))
    expect((await w.run(auth.fetch(`${apiOrigin}/x`))).status).toBe(403)
    expect(told).toEqual([{ kind: 'scope', scope: 'write:messages' }])
    await w.run(auth.answerChallenge({ kind: 'scope', scope: 'write:messages' }))
    const { searchParams } = new URL(tab.visited.at(-1) ?? '')
    expect([searchParams.get('prompt'), searchParams.get('scope')]).toEqual([
      'consent',
      'openid profile email write:messages',
    ])
  })

  test('optional authentication sends the request bare where no current token is to be had', async () => {
    const { w, heard } = await worldWithApi(() => new Response('ok'))
    const { auth } = await w.signedIn({
      secureRoutes: [{ url: `${apiOrigin}/public`, authentication: 'optional' }, apiOrigin],
    })
    await w.run(auth.fetch(`${apiOrigin}/public`))
    await w.browser.time.advance(61)
    const away = () => Promise.reject(new TypeError('Failed to fetch'))
    w.house.provider.fetch = away
    await w.run(auth.fetch(`${apiOrigin}/public`))
    await expect(w.run(auth.fetch(`${apiOrigin}/x`))).rejects.toMatchObject({ code: 'unreachable', remedy: 'retry' })
    expect(heard.map(({ authorization }) => authorization !== null)).toEqual([true, false])
  })

  test('features 21: a request that skips authentication, and one outside the table, carry no token even when they name a resource', async () => {
    const { w, heard } = await worldWithApi(() => new Response('ok'))
    const { auth } = await w.signedIn()
    await w.run(auth.fetch(`${apiOrigin}/x`, { authentication: 'skip' }))
    await w.run(auth.fetch('https://other.example.com/x', { authentication: 'required', resource: apiOrigin }))
    expect(heard.map(({ authorization }) => authorization)).toEqual([null, null])
  })
})

describe('features 21: no token ever leaves for another place', () => {
  const mutation = fc.record({
    scheme: fc.constantFrom('https://', 'http://', 'https:/', 'HTTPS://', '//', '\\\\', 'https:\\\\'),
    user: fc.constantFrom('', 'user@', 'api.example.com@', 'api.example.com:x@'),
    host: fc.constantFrom(
      'api.example.com',
      'api.example.com.evil.test',
      'evil.test',
      'API.EXAMPLE.COM',
      'x.api.example.com',
      'api.example.com.',
      'api.example.com:8443',
      'app.test',
    ),
    path: fc.array(
      fc.constantFrom('v1', 'v1x', '..', '%2e%2e', '%2e', '..;', 'admin', '', '%2fadmin', '\\', '%5c', ';v1', 'V1'),
      { maxLength: 5 },
    ),
    tail: fc.constantFrom('', '?a=b', '#c', '\t', ' ', '%', '\u0000'),
  })
  let shared: { w: TestWorld; heard: Heard[]; opened: Opened } | null = null

  test('whatever is done to the address, by string, URL or Request', async () => {
    const { w, heard } = await worldWithApi(() => new Response('ok'))
    shared = { w, heard, opened: await w.signedIn({ secureRoutes: [`${apiOrigin}/v1`] }) }
    const { auth } = shared.opened
    await fc.assert(
      fc.asyncProperty(
        mutation,
        fc.constantFrom('text', 'url', 'request'),
        async ({ scheme, user, host, path, tail }, as) => {
          const text = `${scheme}${user}${host}/${path.join('/')}${tail}`
          const url = URL.canParse(text, 'https://app.test/') ? new URL(text, 'https://app.test/') : null
          if (url === null || (as === 'request' && (url.username !== '' || url.password !== ''))) return
          heard.length = 0
          const input = as === 'text' ? text : as === 'url' ? url : new Request(url)
          await w.run(auth.fetch(input).catch(() => null))
          for (const { url: reached, authorization } of heard) {
            if (authorization === null) continue
            const target = new URL(reached)
            expect(target.origin).toBe(apiOrigin)
            expect(target.pathname.split('/')[1]).toBe('v1')
            expect(decodeURIComponent(target.pathname)).not.toMatch(/\/\.\.(\/|;|$)|\\/)
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  test('relative addresses start at the base of the document, which may lead to another origin', async () => {
    const { w, heard } = await worldWithApi(() => new Response('ok'))
    const { tab } = await w.signedIn()
    const platform = await w.run(tab.page())
    const { createAuth } = await import('../index.ts')
    const moved = { ...platform, page: { ...platform.page, base: () => 'https://evil.test/' } }
    const auth = createAuth({ ...w.config, secureRoutes: ['/api'] }, moved)
    await w.run(auth.start())
    expect(auth.isSecureRoute('/api/x')).toBe(false)
    await w.run(auth.fetch(new URL('/api/x', 'https://evil.test/')))
    expect(heard.map(({ authorization }) => authorization)).toEqual([null])
  })
})
