import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  expectNobody,
  expectSignedOut,
  type LogoutHouse,
  openLogoutHouse,
  type SignedIn,
  signInAt,
} from './test-logout-run.ts'

let house: LogoutHouse
beforeAll(async () => {
  house = await openLogoutHouse()
})
afterAll(() => house.close())

/** Nobody is led anywhere, and the person is asked or shown what is wrong. */
async function expectStays(signedIn: SignedIn, changes: Readonly<Record<string, string | undefined>>): Promise<void> {
  const page = await signedIn.end(changes)
  expect(page.leftTo).toBeNull()
  expect([200, 400]).toContain(page.status)
  expect((await signedIn.silently()).get('error')).toBeNull()
}

/** Asked first, since nobody vouches for the request; then signed out, here and for good. */
async function expectFarewell(
  signedIn: SignedIn,
  changes: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const page = await signedIn.end(changes)
  const done = page.text.includes('name="form_token"') ? await signedIn.person.submit(page, {}) : page
  expect(done.leftTo).toBeNull()
  expect(done.text).toContain('You are signed out')
  await expectNobody(signedIn)
}

test('oidcc-rp-initiated-logout-discovery-endpoint-verification', () => {
  const { metadata, issuer } = house.server
  expect(metadata.end_session_endpoint).toBe(`${issuer}/end-session`)
  const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$|_iframe$/.test(name))
  expect(endpoints.filter(([, url]) => !String(url).startsWith('https://'))).toEqual([])
})

test('oidcc-rp-initiated-logout', async () => {
  const signedIn = await signInAt(house)
  await expectSignedOut(signedIn, (await signedIn.end()).leftTo)
})

test('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', async () => {
  await expectStays(await signInAt(house), { post_logout_redirect_uri: `${house.party.origin}/never-registered` })
})

test('oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', async () => {
  const signedIn = await signInAt(house)
  await expectStays(signedIn, { post_logout_redirect_uri: `${signedIn.leaving}?foo=bar` })
})

test('oidcc-rp-initiated-logout-modified-id-token-hint', async () => {
  const signedIn = await signInAt(house)
  const [, payload] = signedIn.idToken.split('.')
  const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  await expectStays(signedIn, { id_token_hint: `${header}.${payload}.` })
})

test('oidcc-rp-initiated-logout-bad-id-token-hint', async () => {
  await expectStays(await signInAt(house), { id_token_hint: 'bad' })
})

test('oidcc-rp-initiated-logout-no-id-token-hint', async () => {
  await expectStays(await signInAt(house), { id_token_hint: undefined })
})

test('oidcc-rp-initiated-logout-no-params', async () => {
  const none = { id_token_hint: undefined, post_logout_redirect_uri: undefined, state: undefined }
  await expectFarewell(await signInAt(house), none)
})

test('oidcc-rp-initiated-logout-no-post-logout-redirect-uri', async () => {
  await expectFarewell(await signInAt(house), { post_logout_redirect_uri: undefined })
})

test('oidcc-rp-initiated-logout-no-state', async () => {
  const signedIn = await signInAt(house)
  expect((await signedIn.end({ state: undefined })).leftTo?.href).toBe(signedIn.leaving)
  await expectNobody(signedIn)
})

test('oidcc-rp-initiated-logout-only-state', async () => {
  await expectFarewell(await signInAt(house), { id_token_hint: undefined, post_logout_redirect_uri: undefined })
})
