import { createTestBrowser, type TestBff, type TestBrowser, testBff } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseSessionCookie } from './session/session-cookie.ts'
import { createSessionSeal, sessionKeyOf } from './session/session-seal.ts'

const csrf = { headers: { 'x-csrf': '1' } }
let house: TestBff
beforeEach(async () => {
  house = await testBff({ bff: { lifetimes: { idleSeconds: 1000, absoluteSeconds: 5000 } } })
})
afterEach(() => house.close())

const user = (browser: TestBrowser, query = '') => browser.fetch(`${house.origin}/bff/user${query}`, csrf)
const userStatus = async (browser: TestBrowser) => (await user(browser)).status
const claimsOf = async (browser: TestBrowser): Promise<Record<string, string>> =>
  (await user(browser, '?format=object&slide=false')).json()
const headersOf = (browser: TestBrowser) => ({
  cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; '),
  'x-csrf': '1',
})
const revocations = () => house.provider.events.filter(({ type }) => type === 'token.revoked').length
const rows = () => house.store.list({ sub: 'alice-1' }, { limit: 9, now: house.runtime.now() })

describe('the user endpoint', () => {
  test('lists claims as type and value, with the link to sign out and what is left of the session', async () => {
    const browser = await house.signIn()
    const claims: { type: string; value: unknown }[] = await (await user(browser)).json()
    const value = (type: string) => claims.find((claim) => claim.type === type)?.value
    expect(value('name')).toBe('Alice Doe')
    expect(value('sub')).toBe('alice-1')
    expect(value('bff:logout_url')).toMatch(/^\/bff\/logout\?sid=[\w-]{43}$/)
    expect(value('bff:session_expires_in')).toBe(1000)
    expect(claims.map(({ type }) => type)).not.toContain('nonce')
  })
  test('gives one object on request', async () => {
    expect(await claimsOf(await house.signIn())).toMatchObject({ name: 'Alice Doe', email: 'alice@example.com' })
  })
  test('answers 401 when nobody is signed in', async () => {
    const response = await user(createTestBrowser())
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'not_signed_in' })
  })
  test('polling with slide=false does not keep a session alive, using it does', async () => {
    const browser = await house.signIn()
    house.runtime.clock.advance(900)
    expect((await user(browser, '?slide=false')).status).toBe(200)
    expect((await user(browser)).status).toBe(200)
    house.runtime.clock.advance(900)
    expect((await user(browser, '?slide=false')).status).toBe(200)
    house.runtime.clock.advance(100)
    expect(await userStatus(browser)).toBe(401)
  })
  test('no use keeps a session alive past its absolute end', async () => {
    const browser = await house.signIn()
    for (let step = 0; step < 9; step++) {
      house.runtime.clock.advance(500)
      expect(await userStatus(browser)).toBe(200)
    }
    house.runtime.clock.advance(500)
    expect(await userStatus(browser)).toBe(401)
  })
})

describe('signing out', () => {
  test.each(['GET', 'POST'])(
    'by %s ends the session, takes the refresh token back and goes on to the provider',
    async (method) => {
      const browser = await house.signIn()
      const link = house.origin + (await claimsOf(browser))['bff:logout_url']
      const response = await browser.fetch(link, { method })
      expect(response.status).toBe(method === 'GET' ? 302 : 303)
      const location = new URL(response.headers.get('location') ?? '')
      expect(location.origin + location.pathname).toBe(`${house.provider.issuer}/end-session`)
      expect(location.searchParams.get('post_logout_redirect_uri')).toBe(`${house.origin}/`)
      expect(location.searchParams.get('id_token_hint')?.split('.')).toHaveLength(3)
      expect(revocations()).toBe(1)
      expect(browser.cookies.has(`latchkey-${new URL(house.origin).port}`)).toBe(false)
      expect(await rows()).toEqual([])
      const { url } = await browser.open(location.href, { stopAt: (at) => at.startsWith(house.origin) })
      expect(url).toBe(`${house.origin}/`)
    },
  )
  test('the cookie of a signed-out session is worth nothing', async () => {
    const browser = await house.signIn()
    const headers = headersOf(browser)
    await browser.fetch(house.origin + (await claimsOf(browser))['bff:logout_url'])
    expect((await createTestBrowser().fetch(`${house.origin}/bff/user`, { headers })).status).toBe(401)
    expect((await createTestBrowser().fetch(`${house.origin}/api/x`, { headers })).status).toBe(401)
  })
  test('POST takes the value from a form as well', async () => {
    const browser = await house.signIn()
    const sid = (await claimsOf(browser))['bff:logout_url']?.split('sid=')[1] ?? ''
    const body = new URLSearchParams({ sid })
    expect((await browser.fetch(`${house.origin}/bff/logout`, { method: 'POST', body })).status).toBe(303)
    expect(await userStatus(browser)).toBe(401)
  })
  test.each(['', '?sid=', '?sid=guess'])('a forced logout through /bff/logout%s is refused', async (query) => {
    const browser = await house.signIn()
    const response = await browser.fetch(`${house.origin}/bff/logout${query}`)
    expect(response.status).toBe(400)
    expect(await userStatus(browser)).toBe(200)
  })
  test('a forced logout with the link of the attacker’s own session is refused', async () => {
    const victim = await house.signIn()
    const attacker = await house.signIn()
    await victim.fetch(house.origin + (await claimsOf(attacker))['bff:logout_url'])
    expect(await userStatus(victim)).toBe(200)
  })
  test('without a session it just leads home', async () => {
    const response = await createTestBrowser().fetch(`${house.origin}/bff/logout?sid=x`)
    expect([response.status, response.headers.get('location')]).toEqual([302, '/'])
  })
  test('with the provider down the person is signed out here all the same', async () => {
    const browser = await house.signIn()
    const link = house.origin + (await claimsOf(browser))['bff:logout_url']
    house.onTheWay = async () => Promise.reject(new TypeError('fetch failed'))
    expect((await browser.fetch(link)).status).toBe(302)
    expect(await userStatus(browser)).toBe(401)
    expect(house.events.map(({ type }) => type)).toContain('revocation_failed')
  })
  test('the refresh token is left alone where the options say so', async () => {
    const kept = house.another({ revokeAtLogout: false })
    const browser = await house.signIn()
    const link = house.origin + (await claimsOf(browser))['bff:logout_url']
    await kept.bff.handle(new Request(link, { headers: headersOf(browser) }))
    expect(await userStatus(browser)).toBe(401)
    expect(revocations()).toBe(0)
  })
})

describe('features 50: a session that cannot be opened', () => {
  test('for a changed server key is left alone and answered with 503, and lives again under the right key', async () => {
    const browser = await house.signIn()
    const other = house.another({ sessionKey: house.runtime.randomBytes(32) })
    const ask = (path: string) => other.bff.handle(new Request(house.origin + path, { headers: headersOf(browser) }))
    for (const path of ['/bff/user', '/api/x']) {
      const response = await ask(path)
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('60')
      expect(await response.json()).toMatchObject({ code: 'session_unreadable' })
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect(other.events.map(({ type }) => type)).toContain('session_unreadable')
    expect(await userStatus(browser)).toBe(200)
  })
  test('for a wrong half-key is left alone and answered with 401', async () => {
    const browser = await house.signIn()
    const name = `latchkey-${new URL(house.origin).port}`
    const id = browser.cookies.get(name)?.split('.')[0]
    const forged = { 'x-csrf': '1', cookie: `${name}=${id}.${'A'.repeat(43)}` }
    const response = await createTestBrowser().fetch(`${house.origin}/bff/user`, { headers: forged })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'session_unreadable' })
    const cookie = parseSessionCookie(`${id}.${'A'.repeat(43)}`)
    if (cookie === null) throw new Error('the forged cookie has no form')
    const keys = [sessionKeyOf(house.runtime.randomBytes(32))] as const
    const { logoutId } = createSessionSeal({ keys, cookie, runtime: house.runtime })
    for (const sid of ['x', logoutId]) {
      await createTestBrowser().fetch(`${house.origin}/bff/logout?sid=${sid}`, { headers: forged })
    }
    expect(await userStatus(browser)).toBe(200)
  })
  test('opens under an older key that is still listed', async () => {
    const key = house.runtime.randomBytes(32)
    const before = house.another({ sessionKey: key })
    const after = house.another({ sessionKey: [house.runtime.randomBytes(32), key] })
    const browser = createTestBrowser()
    const login = await before.bff.handle(new Request(`${house.origin}/bff/login`))
    const [cookie = ''] = login.headers.getSetCookie()
    const authorized = await browser.open(login.headers.get('location') ?? '')
    const { url } = await browser.open(`${authorized.url}/sign-in`, {
      init: {
        method: 'POST',
        body: new URLSearchParams({ username: 'alice' }),
        headers: { origin: house.provider.issuer },
      },
      stopAt: (at) => at.startsWith(house.origin),
    })
    const done = await after.bff.handle(
      new Request(url.replace('/callback', '/callback/same-site'), {
        headers: { cookie: cookie.split(';')[0] ?? '' },
      }),
    )
    expect(done.status).toBe(302)
  })
})

test('taking the refresh token back keeps the person signed in, and every API call answers 401 from then on', async () => {
  const browser = await house.signIn()
  const request = new Request(house.origin, { headers: headersOf(browser) })
  await house.bff.revokeUserRefreshToken(request)
  expect(revocations()).toBe(1)
  for (let attempt = 0; attempt < 2; attempt++) {
    expect((await browser.fetch(`${house.origin}/api/x`, csrf)).status).toBe(401)
  }
  expect(await userStatus(browser)).toBe(200)
  await house.bff.revokeUserRefreshToken(request)
  expect(house.refreshes()).toBe(0)
  await house.signIn({ browser })
  expect((await browser.fetch(`${house.origin}/api/x`, csrf)).status).toBe(200)
})

test('with the provider down nothing is taken back and the caller is told to wait', async () => {
  const browser = await house.signIn()
  house.onTheWay = async () => Promise.reject(new TypeError('fetch failed'))
  const request = new Request(house.origin, { headers: headersOf(browser) })
  const error = await house.bff.revokeUserRefreshToken(request).catch((caught: unknown) => caught)
  expect(house.bff.problemResponse(error).status).toBe(503)
  house.onTheWay = null
  expect((await browser.fetch(`${house.origin}/api/x`, csrf)).status).toBe(200)
})

test('old sessions leave the store by themselves', async () => {
  await house.signIn()
  for (let step = 0; step < 20; step++) {
    house.runtime.clock.advance(300)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await house.store.sweep(house.runtime.now(), 10)).toBe(0)
})

describe('a new id for the same session', () => {
  test('features 51: is given when its rights change, and the old one is worth nothing from then on', async () => {
    const browser = await house.signIn()
    const before = headersOf(browser)
    const cookie = await house.bff.sessions.renewId({ headers: before })
    expect(cookie).toMatch(/^latchkey-\d+=[0-9a-f]{11}[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    const after = { ...before, cookie: cookie.split(';')[0] ?? '' }
    const ask = async (headers: typeof before) =>
      (await house.bff.handle(new Request(`${house.origin}/api/x`, { headers }))).status
    expect([await ask(before), await ask(after)]).toEqual([401, 200])
    expect(await rows()).toHaveLength(1)
    expect(house.refreshes()).toBe(0)
  })
  test('waits for a renewal under way and takes what it brought along', async () => {
    const browser = await house.signIn()
    const headers = headersOf(browser)
    const arrived = Promise.withResolvers<void>()
    const open = Promise.withResolvers<void>()
    house.onTheWay = async (_, init, next) => {
      if (!String(init?.body).includes('grant_type=refresh_token')) return next()
      const answer = await next()
      arrived.resolve()
      await open.promise
      return answer
    }
    const renewal = house.bff.getUserAccessToken({ headers }, { forceRenewal: true })
    await arrived.promise
    const moved = house.bff.sessions.renewId({ headers })
    open.resolve()
    const [, cookie] = await Promise.all([renewal, moved])
    const after = { ...headers, cookie: cookie.split(';')[0] ?? '' }
    await house.bff.getUserAccessToken({ headers: after }, { forceRenewal: true })
    expect(house.refreshes()).toBe(2)
    expect(revocations()).toBe(0)
  })
  test('is for those who are signed in', async () => {
    await expect(house.bff.sessions.renewId({ headers: {} })).rejects.toMatchObject({ code: 'not_signed_in' })
  })
})

test('all sessions of the front end are listed by page and ended but one’s own', async () => {
  const [mine] = await Promise.all([house.signIn(), house.signIn(), house.signIn()])
  const first = await house.bff.sessions.list({ all: true }, { limit: 2 })
  const after = first.at(-1)?.id ?? ''
  expect([first.length, (await house.bff.sessions.list({ all: true }, { after })).length]).toEqual([2, 1])
  expect(await house.bff.sessions.revoke({ all: true }, { except: { headers: headersOf(mine) } })).toBe(2)
  expect(await userStatus(mine)).toBe(200)
})
