import { ConfigError } from '@latchkey/protocol'
import { expect, test } from 'vitest'
import { createAuth } from './core.ts'
import { apiFetch } from './parts/api-fetch.ts'
import { renewAhead } from './parts/renew-ahead.ts'
import { silentSignIn } from './silent-sign-in.ts'
import { apiOrigin } from './simulated/simulated-world.ts'
import { testWorld } from './test-world.ts'

test('the core alone signs in and renews; whoever asks it for fetch hears which part that is', async () => {
  const w = await testWorld()
  const { tab } = await w.signedIn()
  const { secureRoutes, ...config } = w.config
  const auth = createAuth(config, await w.run(tab.page()))
  expect((await w.run(auth.start())).status).toBe('authenticated')
  await w.browser.time.advance(61)
  expect(await w.run(auth.getAccessToken())).not.toBeNull()
  expect(() => auth.fetch?.(apiOrigin)).toThrow(ConfigError)
  expect(() => auth.fetch?.(apiOrigin)).toThrow('fetch needs a part: add apiFetch() to parts')
  expect([auth.requestToken, auth.isSecureRoute, auth.signInWithPopup]).toEqual([undefined, undefined, undefined])
  expect(w.apiSaw).toEqual([])
})

test('a route table without its part is a mistake at start, told with all others; so are the mistakes in it', () => {
  const config = { issuer: 'https://id.example.com', clientId: '', secureRoutes: ['https://*.example.com', 'api'] }
  const problemsOf = (parts: Parameters<typeof createAuth>[0]['parts'] = []) => {
    try {
      createAuth({ ...config, parts })
    } catch (error) {
      return error instanceof ConfigError ? error.problems.map((problem) => problem.split(' ', 2).join(' ')) : error
    }
    return null
  }
  expect(problemsOf()).toEqual(['clientId: write', 'secureRoutes needs'])
  expect(problemsOf([apiFetch()])).toEqual([
    'clientId: write',
    'secureRoutes: "https://*.example.com"',
    'secureRoutes: "api"',
  ])
})

test('features 23: the core with its timer renews ahead of expiry, and without it takes no setting that nobody heeds', async () => {
  const w = await testWorld()
  const { tab } = await w.signedIn()
  const { secureRoutes, ...config } = w.config
  const renewing = { ...config, renewBeforeExpirySeconds: 20 }
  const page = await w.run(tab.page())
  expect(() => createAuth(renewing, page)).toThrow('renewBeforeExpirySeconds needs a part: add renewAhead() to parts')
  const auth = createAuth({ ...renewing, parts: [...(config.parts ?? []), renewAhead()] }, page)
  await w.run(auth.start())
  const before = w.refreshes()
  await w.browser.time.advance(45)
  expect([w.refreshes() - before, auth.peekAccessToken() === null]).toEqual([1, false])
})

test('features 21: the core with its part sends tokens to the table alone, as the whole does', async () => {
  const w = await testWorld()
  const { tab } = await w.signedIn()
  const auth = createAuth({ ...w.config, parts: [silentSignIn(), apiFetch()] }, await w.run(tab.page()))
  await w.run(auth.start())
  expect((await w.run(auth.fetch(`${apiOrigin}/x`))).status).toBe(200)
  expect([auth.isSecureRoute(`${apiOrigin}/x`), auth.isSecureRoute('https://evil.test/x')]).toEqual([true, false])
  expect(w.apiSaw.at(-1)).toMatch(/^Bearer /)
})
