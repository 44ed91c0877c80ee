import { testApi, testOpaqueApi } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { tabs, testWorld } from './test-world.ts'

const config = { resource: testApi, resources: [testOpaqueApi], scope: 'openid read:messages read:notes' }
const app = { scope: 'openid profile email read:messages write:messages read:notes' }

test('RFC 8707 §2.2: one session holds an access token for each API, renewed apart from each other', async () => {
  const w = await testWorld({ app })
  const { auth } = await w.signedIn(config)
  const usual = await w.run(auth.getAccessToken())
  const other = await w.run(auth.getAccessToken({ resource: testOpaqueApi }))
  expect(other).not.toBe(usual)
  expect([await w.run(auth.getAccessToken()), await w.run(auth.getAccessToken({ resource: testOpaqueApi }))]).toEqual([
    usual,
    other,
  ])
  expect([auth.peekAccessToken(), auth.peekAccessToken({ resource: testOpaqueApi })]).toEqual([usual, other])
  expect(w.tokenRequests.map((form) => form.get('resource'))).toEqual([testApi, testOpaqueApi])
  await w.browser.time.advance(61)
  const again = await w.run(Promise.all([auth.getAccessToken(), auth.getAccessToken({ resource: testOpaqueApi })]))
  expect(new Set([usual, other, ...again]).size).toBe(4)
  expect([w.refreshes(), auth.state.status]).toEqual([3, 'authenticated'])
})

test("features 44: tabs that ask for different APIs at once never get each other's token, and use each refresh token once", async () => {
  const w = await testWorld({ app })
  const first = await w.signedIn(config)
  const second = await w.open(config)
  await w.run(second.auth.start())
  await w.browser.time.advance(61)
  const asked = [first, second].flatMap(({ auth }) => [
    auth.getAccessToken(),
    auth.getAccessToken({ resource: testOpaqueApi }),
  ])
  const [a1, b1, a2, b2] = await w.run(Promise.all(asked))
  expect([a1 === a2, b1 === b2, a1 === b1]).toEqual([true, true, false])
  const sent = w.tokenRequests.map((form) => form.get('refresh_token')).filter((token) => token !== null)
  expect(new Set(sent).size).toBe(sent.length)
})

test('an API that nobody was asked for at sign-in is an error of its own, and ends nothing', async () => {
  const w = await testWorld()
  const { auth } = await w.signedIn()
  await expect(w.run(auth.getAccessToken({ resource: 'https://nobody.example.com' }))).rejects.toMatchObject({
    oauthError: 'invalid_target',
    retryable: false,
  })
  expect(auth.state.status).toBe('authenticated')
  expect(await w.run(auth.getAccessToken())).not.toBeNull()
  expect((await tabs(w, 1)).length).toBe(1)
})

test('RFC 6749 §6: a narrower scope gives a token of its own', async () => {
  const w = await testWorld({ app })
  const { auth } = await w.signedIn({ ...config, scope: 'openid read:messages write:messages' })
  const narrow = await w.run(auth.getAccessToken({ scope: 'read:messages' }))
  expect(narrow).not.toBe(await w.run(auth.getAccessToken()))
  expect(w.tokenRequests.at(-1)?.get('scope')).toBe('read:messages')
})
