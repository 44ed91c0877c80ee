import { createTestBrowser, type TestBrowser } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuth } from '../index.ts'
import { inertPlatform } from '../platform/inert-platform.ts'
import { bffMode } from './bff-mode.ts'
import { type BffPages, bffPages, channels, until } from './test-page.ts'

let pages: BffPages
beforeEach(async () => {
  pages = await bffPages()
})
afterEach(() => pages.close())

describe("mode 'bff'", () => {
  test('the state follows the BFF: nobody, then a person with claims, and a fetch that passes with the CSRF header', async () => {
    const stranger = pages.open(createTestBrowser())
    expect(await stranger.auth.start()).toEqual({ status: 'anonymous' })
    const { auth } = pages.open(await pages.house.signIn())
    expect(await auth.start()).toMatchObject({ status: 'authenticated', claims: { sub: 'alice-1', name: 'Alice Doe' } })
    expect(auth.state).toMatchObject({ expiresAt: expect.any(Number) })
    const response = await auth.fetch('/api/x')
    expect([response.status, await response.json()]).toEqual([200, { hello: 'from the API' }])
    expect((await auth.fetchUserInfo())?.sub).toBe('alice-1')
  })

  test('there is no token here by design, and whoever asks for one is told so', async () => {
    const { auth } = pages.open(await pages.house.signIn())
    await auth.start()
    await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'token_not_in_browser', remedy: 'fix_setup' })
    await expect(auth.revoke('access_token')).rejects.toMatchObject({ code: 'token_not_in_browser' })
    expect([auth.peekAccessToken(), auth.getIdToken(), auth.getTokens()]).toEqual([null, null, null])
    expect(await auth.requestToken({ url: '/api/x', method: 'GET' })).toEqual({
      accessToken: '',
      headers: { 'X-CSRF': '1' },
    })
  })

  test('features 21: the CSRF header goes to this origin and the table alone', async () => {
    const { auth } = pages.open(await pages.house.signIn())
    for (const url of ['https://api.example.com/x', '/apix', '/other', '//evil.test/api', '/api/../x']) {
      expect(await auth.requestToken({ url, method: 'GET' })).toBeNull()
    }
  })

  test('signing in and out are navigations that the BFF understands', async () => {
    const browser = await pages.house.signIn()
    const { auth, visited } = pages.open(browser)
    await auth.start()
    await auth.signIn({
      returnTo: '/deep?a=b',
      prompt: 'login',
      acrValues: ['mfa'],
      maxAgeSeconds: 60,
      loginHint: 'alice',
    })
    expect(Object.fromEntries(new URL(visited[0] ?? '').searchParams)).toEqual({
      returnUrl: '/deep?a=b',
      prompt: 'login',
      acr_values: 'mfa',
      max_age: '60',
      login_hint: 'alice',
    })
    await expect(auth.signIn({ returnTo: 'https://evil.test/' })).rejects.toThrow('returnTo')
    await auth.signOut()
    expect(auth.state).toEqual({ status: 'anonymous', because: 'signed-out' })
    const { response } = await browser.open(visited[1] ?? '', { stopAt: (url) => !url.startsWith(pages.house.origin) })
    expect(response.status).toBe(302)
    expect((await pages.open(browser).auth.start()).status).toBe('anonymous')
  })

  test('features 29: signing out in one tab signs the others out at once; a local one leaves the provider alone', async () => {
    const browser = await pages.house.signIn()
    const share = channels()
    const [one, two] = [pages.open(browser, { share }), pages.open(browser, { share })]
    await Promise.all([one.auth.start(), two.auth.start()])
    await one.auth.signOut({ where: 'browser' })
    expect(two.auth.state).toEqual({ status: 'anonymous', because: 'signed-out-elsewhere' })
    expect([one.visited, (await pages.open(browser).auth.start()).status]).toEqual([[], 'anonymous'])
  })

  test('a session that ends at the BFF ends here without anybody asking', async () => {
    const { auth } = pages.open(await pages.house.signIn())
    await auth.start()
    const ended: unknown[] = []
    auth.onEvent((event) => event.type === 'signed-out' && ended.push(event.because))
    await pages.house.bff.sessions.revoke({ sub: 'alice-1' })
    await until(auth, 'anonymous')
    expect(ended).toHaveLength(1)
  })

  test('a 401 of the BFF makes it look again: the session has expired', async () => {
    const { auth } = pages.open(await pages.house.signIn())
    await auth.start()
    pages.house.runtime.clock.advance(60 * 60 * 24 * 60)
    expect((await auth.fetch('/api/x')).status).toBe(401)
    await until(auth, 'anonymous')
  })

  test('features 28: while the BFF cannot be reached nobody is taken for signed out, and a later start works', async () => {
    const browser = await pages.house.signIn()
    let away = true
    const flaky: TestBrowser = {
      ...browser,
      fetch: (url, init) => (away ? Promise.reject(new TypeError('failed')) : browser.fetch(url, init)),
    }
    const { auth } = pages.open(flaky)
    await expect(auth.start()).rejects.toMatchObject({ code: 'unreachable', retryable: true })
    expect(auth.state).toEqual({ status: 'unknown', because: 'unreachable' })
    away = false
    expect((await auth.start()).status).toBe('authenticated')
    away = true
    expect(auth.state.status).toBe('authenticated')
  })

  test('the mode without its part is told as what it is', () => {
    expect(() => createAuth({ mode: 'bff' }, inertPlatform)).toThrow('bffMode()')
  })

  test('on a server nothing is asked', async () => {
    const auth = createAuth({ mode: 'bff', parts: [bffMode()] }, inertPlatform)
    expect([await auth.start(), auth.state]).toEqual([{ status: 'unknown' }, { status: 'unknown' }])
    await auth.signIn()
    await auth.signOut()
  })
})
