import { createMemorySessionStore } from '@latchkey/bff/memory-session-store'
import { sessionStoreRecords } from '@latchkey/bff/session-store-contract'
import { OAuthError } from '@latchkey/protocol'
import { createTestBrowser, type TestBff, type TestBrowser, testBff, testRuntime } from '@latchkey/testing'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { createSessionWatch } from './session/session-watch.ts'
import type { SessionStore } from './session-store/session-store.ts'

let house: TestBff | undefined
afterEach(async () => {
  await house?.close()
  house = undefined
})

const away = () =>
  new OAuthError('temporarily_unavailable', 'The server cannot reach its data at the moment.', { retryAfterSeconds: 2 })
const cookieOf = (browser: TestBrowser) => [...browser.cookies].map((pair) => pair.join('=')).join('; ')
const cookieName = ({ origin }: TestBff) => `latchkey-${new URL(origin).port}`
const rows = ({ store, runtime }: TestBff) => store.list({ sub: 'alice-1' }, { limit: 9, now: runtime.now() })
const turns = async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('a lease that cannot be given back runs out by itself, and takes nothing from what was done under it', async () => {
  house = await testBff()
  const browser = await house.signIn()
  const node = house.another({ store: { ...house.store, releaseRefresh: () => Promise.reject(away()) } })
  const request = { headers: { cookie: cookieOf(browser) } }
  for (let again = 0; again < 2; again++) await node.bff.revokeUserRefreshToken(request)
  house.runtime.clock.advance(60)
  await node.bff.revokeUserRefreshToken(request)
})

test('Back-Channel Logout §2.8: a logout token that was not heeded to the end is asked for again, and counts then', async () => {
  const keys = await generateKeyPair('ES256')
  let troubles = 1
  const store = createMemorySessionStore()
  const revoke: SessionStore['revoke'] = (...asked) =>
    troubles-- > 0 ? Promise.reject(away()) : store.revoke(...asked)
  const here = await testBff({ bff: { store: { ...store, revoke } } })
  house = here
  here.onTheWay = async (url, _, next) =>
    url.endsWith('/jwks')
      ? Response.json({ keys: [{ ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'k' }] })
      : next()
  await here.signIn()
  const iat = Math.floor(here.runtime.now())
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const claims = { iss: here.provider.issuer, aud: 'bff', iat, exp: iat + 120, jti: 'j', sub: 'alice-1', events }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'logout+jwt' })
    .sign(keys.privateKey)
  const tell = () => {
    const body = new URLSearchParams({ logout_token: token }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }
    return here.bff.handle(new Request(`${here.origin}/bff/backchannel`, { method: 'POST', body, headers }))
  }
  expect((await tell()).status).toBe(503)
  expect(await rows(here)).toHaveLength(1)
  expect((await tell()).status).toBe(200)
  expect(await rows(here)).toEqual([])
  expect((await tell()).status).toBe(400)
})

test('of two sign-ins at the same instant beyond the limit, each does not end the other', async () => {
  const store = createMemorySessionStore()
  let made = 0
  const both = Promise.withResolvers<void>()
  const create: SessionStore['create'] = async (...given) => {
    await store.create(...given)
    if (++made === 2) both.resolve()
    await both.promise
  }
  const here = await testBff({ bff: { sessionsPerUser: 1, store: { ...store, create } } })
  house = here
  await Promise.all([here.signIn(), here.signIn()])
  expect(await rows(here)).toHaveLength(1)
})

test('old sessions leave until none is left, however many there are', async () => {
  const here = await testBff()
  house = here
  const now = here.runtime.now()
  for (let count = 0; count < 1200; count++) {
    const record = sessionStoreRecords.sessionRecord({
      createdAt: now,
      idleExpiresAt: now + 1,
      absoluteExpiresAt: now + 1,
    })
    await here.store.create(record, null)
  }
  here.runtime.clock.advance(300)
  for (let batch = 0; batch < 4; batch++) {
    await turns()
    here.runtime.clock.advance(0.1)
  }
  // What remembers that this node swept is left.
  expect(await here.store.sweep(here.runtime.now(), 5000)).toBe(0)
})

test('a sign-in whose session cannot be kept leaves no tokens behind, and says when to come again', async () => {
  const store = createMemorySessionStore()
  const create: SessionStore['create'] = () => Promise.reject(away())
  const here = await testBff({ bff: { store: { ...store, create } } })
  house = here
  const browser = createTestBrowser()
  const { response } = await browser.open(await here.beginSignIn(browser))
  expect(response.status).toBe(503)
  const isRevoked = () => here.provider.events.some(({ type }) => type === 'token.revoked')
  for (let round = 0; round < 20 && !isRevoked(); round++) await turns()
  expect(isRevoked()).toBe(true)
  const node = here.another({ store: { ...store, load: () => Promise.reject(away()) } })
  const cookie = `${cookieName(here)}=00000000000${'a'.repeat(43)}.${'b'.repeat(43)}`
  const user = await node.bff.handle(new Request(`${here.origin}/bff/user`, { headers: { 'x-csrf': '1', cookie } }))
  expect([user.status, user.headers.get('retry-after')]).toEqual([503, '2'])
})

test('who leaves the stream of events while it is looked up why the session ended does no harm', async () => {
  const store = createMemorySessionStore()
  const why = Promise.withResolvers<null>()
  const asked = Promise.withResolvers<void>()
  const whyEnded: SessionStore['whyEnded'] = () => {
    asked.resolve()
    return why.promise
  }
  const here = await testBff({ bff: { store: { ...store, whyEnded } } })
  house = here
  const headers = { 'x-csrf': '1', cookie: cookieOf(await here.signIn()) }
  const { body } = await here.bff.handle(new Request(`${here.origin}/bff/events`, { headers }))
  await turns()
  await store.revoke({ sub: 'alice-1' }, here.runtime.now())
  await asked.promise
  await body?.cancel()
  why.resolve(null)
  await turns()
})

test('who watches a session learns of its end also when the news of it were lost', async () => {
  const runtime = testRuntime()
  const store = createMemorySessionStore()
  let tell: (hash: string | null) => void = () => {}
  const deaf: SessionStore = {
    ...store,
    subscribe(listener) {
      tell = listener
      return () => {}
    },
  }
  const watch = createSessionWatch({ store: deaf, runtime })
  const now = runtime.now()
  const times = { createdAt: now, lastSeenAt: now, idleExpiresAt: now + 9000, absoluteExpiresAt: now + 9000 }
  const records = Array.from({ length: 3 }, () => sessionStoreRecords.sessionRecord(times))
  const heard: (string | null)[] = []
  for (const record of records) {
    await store.create(record, null)
    watch.on(record.hash, (row) => heard.push(row?.hash ?? null))
  }
  await turns()
  expect(heard).toEqual(records.map(({ hash }) => hash))
  await store.revoke({ hash: records[1]?.hash ?? '' }, runtime.now())
  await turns()
  expect(heard).toHaveLength(3)
  tell(null)
  runtime.clock.advance(1)
  await turns()
  expect(heard.slice(3).sort()).toEqual([records[0]?.hash, records[2]?.hash, null].sort())
  watch.close()
})
