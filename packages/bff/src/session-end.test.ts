import { createTestBrowser, type TestBff, type TestBrowser, testBff } from '@latchkey/testing'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

let keys: Awaited<ReturnType<typeof generateKeyPair>>
let house: TestBff
beforeAll(async () => {
  keys = await generateKeyPair('ES256')
})
beforeEach(async () => {
  house = await testBff({ bff: { anonymousUser: 'null', development: true, sessionsPerUser: 2 } })
  house.onTheWay = async (url, _, next) =>
    url.endsWith('/jwks')
      ? Response.json({ keys: [{ ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'k' }] })
      : next()
})
afterEach(() => house.close())

const cookieOf = (browser: TestBrowser) => [...browser.cookies].map((pair) => pair.join('=')).join('; ')
const get = (path: string, browser: TestBrowser, headers: Record<string, string> = {}) =>
  house.bff.handle(
    new Request(house.origin + path, { headers: { 'x-csrf': '1', cookie: cookieOf(browser), ...headers } }),
  )
const isSignedIn = async (browser: TestBrowser) => (await (await get('/bff/user', browser)).json()) !== null
const rows = () => house.store.list({ sub: 'alice-1' }, { limit: 9, now: house.runtime.now() })
const event = 'http://schemas.openid.net/event/backchannel-logout'

interface Changes {
  readonly claims?: Record<string, unknown>
  readonly typ?: string
  readonly key?: CryptoKey
}

let serial = 0
async function logoutToken({ claims = {}, typ = 'logout+jwt', key = keys.privateKey }: Changes = {}) {
  const now = Math.floor(house.runtime.now())
  const all = {
    iss: house.provider.issuer,
    aud: 'bff',
    iat: now,
    exp: now + 120,
    jti: `j${serial++}`,
    events: { [event]: {} },
  }
  return new SignJWT(JSON.parse(JSON.stringify({ ...all, ...claims })))
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ })
    .sign(key)
}

function tell(token: string): Promise<Response> {
  const body = new URLSearchParams({ logout_token: token }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }
  return house.bff.handle(new Request(`${house.origin}/bff/backchannel`, { method: 'POST', body, headers }))
}

describe('features 53: back-channel logout', () => {
  test('by sid ends that session and no other of the same person (features 49)', async () => {
    const one = await house.signIn()
    house.runtime.clock.advance(1)
    const two = await house.signIn()
    const [row] = await rows()
    const answer = await tell(await logoutToken({ claims: { sid: row?.sid, sub: 'alice-1' } }))
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect([await isSignedIn(one), await isSignedIn(two)]).toEqual([false, true])
    expect(house.events).toContainEqual({ type: 'session_ended', session: row?.hash, because: 'backchannel' })
  })
  test('by sub alone ends all of that person’s sessions, and nobody else’s', async () => {
    const alice = [await house.signIn(), await house.signIn()]
    const root = await house.signIn({ username: 'root' })
    expect((await tell(await logoutToken({ claims: { sub: 'alice-1' } }))).status).toBe(200)
    for (const browser of alice) expect(await isSignedIn(browser)).toBe(false)
    expect(await isSignedIn(root)).toBe(true)
  })
  test('a sid with another person’s sub ends nothing', async () => {
    const browser = await house.signIn()
    const [row] = await rows()
    await tell(await logoutToken({ claims: { sid: row?.sid, sub: 'root-1' } }))
    expect(await isSignedIn(browser)).toBe(true)
  })
  const refused: readonly (readonly [string, Changes])[] = [
    ['another issuer', { claims: { iss: 'https://evil.test' } }],
    ['another audience', { claims: { aud: 'other' } }],
    ['the typ of an ID token', { typ: 'JWT' }],
    ['no iat', { claims: { iat: undefined } }],
    ['an iat of an hour ago', { claims: { iat: 1_799_996_400 } }],
    ['an end that has passed', { claims: { exp: 1_799_999_000 } }],
    ['no jti', { claims: { jti: undefined } }],
    ['no events', { claims: { events: undefined } }],
    ['another event', { claims: { events: { other: {} } } }],
    ['a nonce', { claims: { nonce: 'n' } }],
    ['neither sid nor sub', { claims: { sub: undefined } }],
  ]
  test.each(refused)('with %s is refused and ends nothing', async (_, changes) => {
    const browser = await house.signIn()
    const answer = await tell(await logoutToken({ ...changes, claims: { sub: 'alice-1', ...changes.claims } }))
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
    expect(await isSignedIn(browser)).toBe(true)
  })
  test('signed by somebody else or not at all is refused', async () => {
    const browser = await house.signIn()
    const { privateKey } = await generateKeyPair('ES256')
    const none = `${btoa('{"alg":"none","typ":"logout+jwt"}').replaceAll('=', '')}.${(await logoutToken()).split('.')[1]}.`
    for (const token of [await logoutToken({ key: privateKey, claims: { sub: 'alice-1' } }), none, 'x']) {
      expect((await tell(token)).status).toBe(400)
    }
    expect(await isSignedIn(browser)).toBe(true)
  })
  test('counts once: played again it does not end the next session', async () => {
    await house.signIn()
    const token = await logoutToken({ claims: { sub: 'alice-1' } })
    expect((await tell(token)).status).toBe(200)
    const later = await house.signIn()
    expect((await tell(token)).status).toBe(400)
    expect(await isSignedIn(later)).toBe(true)
  })
})

type Ending = (browser: TestBrowser) => Promise<unknown>

async function leave(browser: TestBrowser): Promise<void> {
  const claims: Record<string, string> = await (await get('/bff/user?format=object', browser)).json()
  await browser.fetch(house.origin + claims['bff:logout_url'])
}

/** Nobody comes for eight hours. */
async function lapse(): Promise<void> {
  for (let step = 0; step < 97; step++) {
    house.runtime.clock.advance(300)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The provider refuses the refresh token. */
async function renewInVain(browser: TestBrowser): Promise<void> {
  house.onTheWay = async (_, init, next) =>
    String(init?.body).includes('refresh_token') ? Response.json({ error: 'invalid_grant' }, { status: 400 }) : next()
  await house.bff.getUserAccessToken({ headers: { cookie: cookieOf(browser) } }, { forceRenewal: true }).catch(() => {})
  house.onTheWay = null
}

describe('the event stream', () => {
  const open = (browser: TestBrowser, headers: Record<string, string> = {}) =>
    house.bff.handle(new Request(`${house.origin}/bff/events`, { headers: { cookie: cookieOf(browser), ...headers } }))
  const ours = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }

  test('tells of a renewal by another process, of the coming end, and of a sign-out elsewhere, then closes', async () => {
    const browser = await house.signIn()
    const stream = await open(browser, ours)
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    const heard = new Response(stream.body).text()
    const other = house.another()
    await settle()
    await other.bff.getUserAccessToken({ headers: { cookie: cookieOf(browser) } }, { forceRenewal: true })
    await settle()
    house.runtime.clock.advance(8 * 3600 - 30)
    await settle()
    const [row] = await rows()
    await house.store.revoke({ hash: row?.hash ?? '' }, house.runtime.now(), 'signed_out')
    const names = (await heard).match(/(?<=event: )\S+/g)
    expect(names).toEqual(['signed-in', 'renewed', 'expiring', 'ended'])
    expect(await heard).toContain('"because":"signed_out"')
  })
  test.each([
    ['signed_out', leave],
    ['replaced', (browser: TestBrowser) => house.signIn({ browser })],
    ['revoked', () => house.bff.sessions.revoke({ all: true })],
    ['backchannel', async () => tell(await logoutToken({ claims: { sub: 'alice-1' } }))],
    ['refresh_rejected', renewInVain],
    ['expired', lapse],
  ] as const)('says why a session ended, on another node too: %s', async (because: string, end: Ending) => {
    const browser = await house.signIn()
    const node = house.another()
    const headers = { cookie: cookieOf(browser), ...ours }
    const stream = await node.bff.handle(new Request(`${house.origin}/bff/events`, { headers }))
    const heard = new Response(stream.body).text()
    await settle()
    await end(browser)
    expect(await heard).toContain(`event: ended\ndata: {"because":"${because}"}`)
  })
  test('features 52: opens for our own page only: not for a sibling, a foreign site, an image or a silent client', async () => {
    const browser = await house.signIn()
    const refused: Record<string, string>[] = [
      {},
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' },
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' },
      { origin: 'https://evil.test' },
    ]
    for (const headers of refused) expect((await open(browser, headers)).status).toBe(403)
    for (const headers of [ours, { origin: house.origin }, { 'x-csrf': '1' }]) {
      const answer = await open(browser, headers)
      expect(answer.status).toBe(200)
      await answer.body?.cancel()
    }
  })
  test('is closed to nobody in particular', async () => {
    expect((await open(createTestBrowser(), ours)).status).toBe(401)
  })
})

test('the user endpoint answers null for nobody by option, and 304 while nothing changed', async () => {
  expect(await (await get('/bff/user', createTestBrowser())).json()).toBeNull()
  const browser = await house.signIn()
  const etag = (await get('/bff/user', browser)).headers.get('etag') ?? ''
  house.runtime.clock.advance(5)
  expect((await get('/bff/user', browser, { 'if-none-match': etag })).status).toBe(304)
  const other = await house.signIn()
  expect((await get('/bff/user', other, { 'if-none-match': etag })).status).toBe(200)
})

test('diagnostics name tokens by thumbprint in development and do not exist otherwise', async () => {
  const browser = await house.signIn()
  const shown = await (await get('/bff/diagnostics', browser)).text()
  const token = await house.bff.getUserAccessToken({ headers: { cookie: cookieOf(browser) } })
  expect(JSON.parse(shown).accessTokens).toHaveLength(1)
  expect(shown).not.toContain(token.slice(0, 20))
  const production = house.another({ development: undefined } as never)
  const request = new Request(`${house.origin}/bff/diagnostics`, {
    headers: { 'x-csrf': '1', cookie: cookieOf(browser) },
  })
  expect((await production.bff.handle(request)).status).toBe(404)
})

test('login passes on what is allowed and nothing else; silent-login asks without a page', async () => {
  const at = async (path: string) => new URL((await get(path, createTestBrowser())).headers.get('location') ?? '')
  const asked = (await at('/bff/login?login_hint=al&acr_values=mfa&scope=admin&redirect_uri=https://evil.test&x=1'))
    .searchParams
  expect([asked.get('login_hint'), asked.get('acr_values'), asked.get('x')]).toEqual(['al', 'mfa', null])
  expect(asked.getAll('redirect_uri')).toEqual([`${house.origin}/bff/callback`])
  expect(asked.get('scope')).not.toContain('admin')
  expect((await at('/bff/silent-login?returnUrl=/x')).searchParams.get('prompt')).toBe('none')
  expect((await get('/bff/login?prompt=none', createTestBrowser())).status).toBe(400)
})

test('a silent login that finds nobody leaves the session that lives here alone', async () => {
  const browser = await house.signIn()
  const stranger = createTestBrowser()
  const { url } = await stranger.open(`${house.origin}/bff/silent-login?returnUrl=/x`, {
    stopAt: (at) => at === `${house.origin}/x?bff_error=login_required`,
  })
  expect(url).toBe(`${house.origin}/x?bff_error=login_required`)
  expect(await isSignedIn(browser)).toBe(true)
})

test('sessions are listed and ended by person, one by one, and all but this one; beyond the limit the oldest end', async () => {
  const first = await house.signIn()
  house.runtime.clock.advance(1)
  const second = await house.signIn()
  house.runtime.clock.advance(1)
  const third = await house.signIn()
  expect(await isSignedIn(first)).toBe(false)
  const listed = await house.bff.sessions.list({ sub: 'alice-1' })
  expect(listed).toHaveLength(2)
  expect(JSON.stringify(listed)).not.toContain('sealed')
  expect(
    await house.bff.sessions.revoke({ sub: 'alice-1' }, { except: { headers: { cookie: cookieOf(third) } } }),
  ).toBe(1)
  expect([await isSignedIn(second), await isSignedIn(third)]).toEqual([false, true])
  const [left] = await house.bff.sessions.list({ sub: 'alice-1' }, { limit: 1 })
  expect(await house.bff.sessions.revoke({ id: left?.id ?? '' })).toBe(1)
  expect(await isSignedIn(third)).toBe(false)
})

/** Lets everything that is ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}
