import { createTestBrowser, type TestBff, type TestBrowser, testBff } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const csrf = { headers: { 'x-csrf': '1' } }
let house: TestBff
beforeEach(async () => {
  house = await testBff({ bff: { cookie: { sameSite: 'lax' } } })
})
afterEach(() => house.close())

const userStatus = async (browser: TestBrowser) => (await browser.fetch(`${house.origin}/bff/user`, csrf)).status
const sessionCookie = (browser: TestBrowser) => browser.cookies.get(`latchkey-${new URL(house.origin).port}`)

describe('signing in', () => {
  test('leads to the provider and back to where the person was, with a cookie no script can read', async () => {
    const browser = createTestBrowser()
    const callback = await house.beginSignIn(browser, { returnUrl: '/orders?page=2#top' })
    const response = await browser.fetch(callback)
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/orders?page=2#top')
    const [cleared, session] = response.headers.getSetCookie()
    expect(cleared).toMatch(/^latchkey-\d+-login-[\w-]+=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0$/)
    expect(session).toMatch(/^latchkey-\d+=[0-9a-f]{11}[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(await userStatus(browser)).toBe(200)
  })

  test('RFC 9700 §4.7.1: an answer brought to another browser is refused, so nobody is signed in as someone else', async () => {
    const callback = await house.beginSignIn(createTestBrowser())
    const victim = createTestBrowser()
    const response = await victim.fetch(callback)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('not begun in this browser')
    expect(victim.cookies.size).toBe(0)
  })

  test('a completed sign-in cannot be completed again, and the session stays as it is', async () => {
    const browser = createTestBrowser()
    const callback = await house.beginSignIn(browser)
    const cookies = new Map(browser.cookies)
    await browser.fetch(callback)
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const replay = await createTestBrowser().fetch(callback, { headers: { cookie } })
    expect(replay.status).toBe(400)
    expect(await replay.text()).toContain('completed before')
    expect(replay.headers.getSetCookie()).toEqual([])
    expect(await userStatus(browser)).toBe(200)
  })

  test('features 24: sign-ins in two tabs both succeed, in whichever order they end', async () => {
    const browser = createTestBrowser()
    const first = await house.beginSignIn(browser, { returnUrl: '/first' })
    const second = await house.beginSignIn(browser, { returnUrl: '/second' })
    expect((await browser.fetch(second)).headers.get('location')).toBe('/second')
    expect((await browser.fetch(first)).headers.get('location')).toBe('/first')
    expect(await userStatus(browser)).toBe(200)
  })

  test('sign-ins that are begun and never ended do not fill the cookie header', async () => {
    const browser = createTestBrowser()
    for (let count = 0; count < 12; count++) {
      house.runtime.clock.advance(1)
      await browser.fetch(`${house.origin}/bff/login`)
    }
    expect(browser.cookies.size).toBe(8)
    await house.signIn({ browser })
    expect(await userStatus(browser)).toBe(200)
  })

  test('a sign-in that took longer than its time is refused', async () => {
    const browser = createTestBrowser()
    const callback = await house.beginSignIn(browser)
    house.runtime.clock.advance(3600)
    expect((await browser.fetch(callback)).status).toBe(400)
    expect(await userStatus(browser)).toBe(401)
  })

  test.each([
    ['RFC 9207 §2.4: an answer of another issuer', { iss: 'https://evil.test' }],
    ['RFC 9207 §2.4: an answer that says no issuer', { iss: undefined }],
    ['an answer without state', { state: undefined }],
    ['an answer with a state of its own', { state: 'x' }],
    ['an answer with a code of someone else', { code: 'x' }],
    ['an error that does not say its issuer', { iss: undefined, code: undefined, error: 'access_denied' }],
  ])('%s is refused and leaves nobody signed in', async (_, changes) => {
    const browser = createTestBrowser()
    const callback = new URL(await house.beginSignIn(browser))
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) callback.searchParams.delete(name)
      else callback.searchParams.set(name, value)
    }
    const response = await browser.fetch(callback.href)
    expect(response.status).toBe(400)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await userStatus(browser)).toBe(401)
  })

  test('a parameter that stands twice in the answer is refused', async () => {
    const browser = createTestBrowser()
    const callback = await house.beginSignIn(browser)
    expect((await browser.fetch(`${callback}&code=other`)).status).toBe(400)
  })

  test('a person who declines comes back to the application, which is told', async () => {
    const browser = createTestBrowser()
    const callback = new URL(await house.beginSignIn(browser, { returnUrl: '/a?b=c#d' }))
    callback.searchParams.delete('code')
    callback.searchParams.set('error', 'access_denied')
    const response = await browser.fetch(callback.href)
    expect(response.headers.get('location')).toBe('/a?b=c&bff_error=access_denied#d')
    expect(await userStatus(browser)).toBe(401)
  })

  test.each(['//evil.test', '/\\evil.test', '/%5Cevil.test', 'https://evil.test'])(
    'RFC 9700 §4.11: an open redirect to %s is refused before the provider is asked',
    async (returnUrl) => {
      const response = await createTestBrowser().fetch(
        `${house.origin}/bff/login?returnUrl=${encodeURIComponent(returnUrl)}`,
      )
      expect(response.status).toBe(400)
      expect(response.headers.get('location')).toBeNull()
    },
  )

  test('with the provider down the page says so and asks to wait', async () => {
    const other = house.another()
    other.onTheWay = async () => new Response('down', { status: 503 })
    const response = await other.bff.handle(new Request(`${house.origin}/bff/login`))
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('try again')
  })
})

describe('a new session', () => {
  test('features 51: the session id is never kept across sign-in, and the old one is dead', async () => {
    const browser = await house.signIn()
    const before = sessionCookie(browser)
    await house.signIn({ browser })
    expect(sessionCookie(browser)).not.toBe(before)
    const old = createTestBrowser()
    const cookie = `latchkey-${new URL(house.origin).port}=${before}`
    expect((await old.fetch(`${house.origin}/bff/user`, { headers: { 'x-csrf': '1', cookie } })).status).toBe(401)
  })

  test('features 51: a session id that someone planted in the browser is not taken over', async () => {
    const browser = createTestBrowser()
    const callback = await house.beginSignIn(browser)
    const planted = `${'0'.repeat(11)}${'A'.repeat(43)}.${'A'.repeat(43)}`
    const cookie = `latchkey-${new URL(house.origin).port}=${planted}; ${[...browser.cookies].map((pair) => pair.join('=')).join('; ')}`
    const response = await createTestBrowser().fetch(callback, { headers: { cookie } })
    expect(response.headers.getSetCookie().join()).not.toContain(planted)
    expect((await house.store.list({ sub: 'alice-1' }, { limit: 9, now: house.runtime.now() })).length).toBe(1)
  })

  test('features 49: signing in on one device ends no session on another', async () => {
    const phone = await house.signIn()
    const laptop = await house.signIn()
    expect([await userStatus(phone), await userStatus(laptop)]).toEqual([200, 200])
  })

  test('over https the cookie is for this host and TLS alone', async () => {
    const secure = house.another({ baseUrl: 'https://app.example.com', cookie: {} })
    const response = await secure.bff.handle(new Request('https://app.example.com/bff/login'))
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^__Host-Http-latchkey-login-[^;]+; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=3600$/,
    )
  })
})

describe('with Strict cookies, as they are unless asked otherwise', () => {
  const strictCallback = async (browser: TestBrowser, asked: { returnUrl?: string } = {}) => {
    await house.close()
    house = await testBff()
    return house.beginSignIn(browser, asked)
  }

  test('the callback is a page of our own that goes on, so that the cookies are sent', async () => {
    const browser = createTestBrowser()
    const callback = await strictCallback(browser, { returnUrl: '/a?b="c"&d' })
    const landing = await createTestBrowser().fetch(callback)
    expect(landing.status).toBe(200)
    expect(landing.headers.getSetCookie()).toEqual([])
    expect(await landing.text()).toContain('http-equiv="refresh" content="0;url=/bff/callback/same-site?code=')
    const done = await browser.fetch(callback.replace('/callback', '/callback/same-site'))
    expect(done.headers.get('location')).toBe('/a?b=%22c%22&d')
    const [cleared, session] = done.headers.getSetCookie()
    expect(cleared).toMatch(/^latchkey-\d+-login-[\w-]+=; Path=\/; HttpOnly; SameSite=Strict; Max-Age=0$/)
    expect(session).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  test('features 51: the session of before ends, though the way back from the provider came without its cookie', async () => {
    await house.close()
    house = await testBff()
    const browser = await house.signIn()
    const before = sessionCookie(browser)
    await house.signIn({ browser })
    expect(sessionCookie(browser)).not.toBe(before)
    expect(await house.store.list({ sub: 'alice-1' }, { limit: 9, now: house.runtime.now() })).toHaveLength(1)
  })

  test('RFC 9700 §4.7.1: another site that leads to the second half comes without the cookie of the sign-in', async () => {
    const callback = await strictCallback(createTestBrowser())
    const response = await createTestBrowser().fetch(callback.replace('/callback', '/callback/same-site'))
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('not begun in this browser')
  })

  test('with Lax cookies there is no second half', async () => {
    expect((await createTestBrowser().fetch(`${house.origin}/bff/callback/same-site?state=x`)).status).toBe(404)
  })
})
