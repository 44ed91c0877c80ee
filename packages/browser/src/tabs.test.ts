import { expect, test } from 'vitest'
import { tabs, testWorld } from './test-world.ts'

const nameOf = (issuer: string) =>
  `latchkey:${JSON.stringify(['default', issuer, 'app', 'openid profile email', null])}`

test('a tab that is left in the middle of a renewal gives the others what came of it, and revokes nothing', async () => {
  const w = await testWorld({ latency: (request) => (request.url.endsWith('/token') ? 1 : 0) })
  const [one, two] = await tabs(w, 2)
  await w.browser.time.advance(61)
  const renewed = one.auth.getAccessToken()
  await w.browser.time.advance(0.7)
  await w.run(one.auth.signOut({ where: 'tab' }))
  expect([await w.run(renewed), one.auth.state.status]).toEqual([null, 'anonymous'])
  await w.browser.time.advance(2)
  expect([w.refreshes(), w.revocations.length]).toEqual([1, 0])
  expect(await w.run(two?.auth.getAccessToken() ?? Promise.reject())).not.toBeNull()
  expect([w.refreshes(), two?.auth.state.status]).toEqual([1, 'authenticated'])
  await w.browser.time.advance(61)
  expect(await w.run(two?.auth.getAccessToken() ?? Promise.reject())).not.toBeNull()
})

test('news with other contents than ours disturb no tab: the session stays, and so does the next sign-out', async () => {
  const w = await testWorld()
  const [one, two] = await tabs(w, 2)
  const token = await w.run(one.auth.getAccessToken())
  const stranger = await w.browser.openTab('https://app.test/other').page()
  const channel = stranger.openChannel(`${nameOf(w.house.issuer)}:2`, () => {})
  const startedAt = w.browser.time.now() + 5
  const news = { from: 'x', over: [], signedOutAt: 0, askedAt: 0 }
  const sessions = [
    { family: 'x', startedAt },
    { family: 'x', startedAt, tokens: null },
    { family: 'x', startedAt, tokens: { accessToken: 'x', claims: {} } },
    { family: 'x', startedAt, tokens: { accessToken: 7, expiresAt: startedAt + 60, renewals: 0, claims: {} } },
    'session',
  ]
  for (const session of sessions) channel.postMessage({ ...news, session })
  for (const other of [null, 'news', 7, [], {}, { session: null }]) channel.postMessage(other)
  channel.postMessage({ ...news, session: null, signedOutAt: Number.NaN, askedAt: undefined })
  await w.browser.time.advance(1)
  expect(await w.run(one.auth.getAccessToken())).toBe(token)
  await w.run(two?.auth.signOut({ where: 'browser' }) ?? Promise.reject())
  await w.browser.time.advance(1)
  expect(one.auth.state).toEqual({ status: 'anonymous', because: 'signed-out-elsewhere' })
})

test('features 34: a sign-out that was noted by a clock running ahead ends no later sign-in', async () => {
  const w = await testWorld()
  const [one] = await tabs(w, 2)
  const stranger = await w.browser.openTab('https://app.test/other').page()
  const channel = stranger.openChannel(`${nameOf(w.house.issuer)}:2`, () => {})
  await w.run(one.auth.signOut({ where: 'browser' }))
  const signedOutAt = w.browser.time.now() + 600
  channel.postMessage({ from: 'x', over: [], session: null, signedOutAt, askedAt: 0 })
  await w.browser.time.advance(1)
  const again = await w.signedIn()
  await w.browser.time.advance(61)
  expect(await w.run(again.auth.getAccessToken())).not.toBeNull()
  expect(again.auth.state.status).toBe('authenticated')
})

test('a tab that is disposed of in the middle of a renewal by its timer makes no further one', async () => {
  const w = await testWorld()
  const { auth } = await w.signedIn({ renewBeforeExpirySeconds: 30 })
  auth.onEvent(({ type }) => type === 'renewing' && auth.dispose())
  await w.browser.time.advance(300)
  expect(w.refreshes()).toBe(1)
})

test('features 23: a tab that is disposed of in the middle of its renewal still gives the others what came of it', async () => {
  const w = await testWorld()
  const [{ auth }, other] = await tabs(w, 2)
  await w.browser.time.advance(61)
  auth.onEvent(({ type }) => type === 'renewing' && auth.dispose())
  const token = await w.run(auth.getAccessToken())
  await w.browser.time.advance(1)
  expect([other?.auth.peekAccessToken(), w.refreshes()]).toEqual([token, 1])
})
