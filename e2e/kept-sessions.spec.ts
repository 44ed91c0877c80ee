import type { BrowserContext, Page } from '@playwright/test'
import { alice, fillIn, type House, open, openHouse, signedIn, stateOf } from './browser-client/house.ts'
import { asPeopleHaveIt } from './browser-client/real-browser.ts'
import { issuedTo, spyOn } from './browser-client/spy.ts'
import { expect, test } from './test.ts'

test.use({ launchOptions: asPeopleHaveIt })

const at = (path: string) => new URL(path, import.meta.url)
let house: House
let app: string

test.beforeAll(async () => {
  house = await openHouse({
    '/app.js': at('./browser-client/page.ts'),
    '/auth0.js': at('./browser-client/auth0-page.ts'),
    '/worker.js': at('../packages/browser/src/worker/worker-script.ts'),
  })
  app = house.app.origin()
})
test.afterAll(() => house?.close())

/** From now on the provider cannot be reached; the function ends that. */
async function providerAway(context: BrowserContext): Promise<() => Promise<void>> {
  const everything = `${house.provider.issuer}/**`
  await context.route(everything, (route) => route.abort())
  return () => context.unroute(everything)
}

const accessToken = (tab: Page) => tab.evaluate(() => window.auth.getAccessToken())
/** As after an API has refused the token that this tab has. */
const renewedToken = (tab: Page) =>
  tab.evaluate(async () => window.auth.getAccessToken({ rejected: (await window.auth.getAccessToken()) ?? '' }))
const signedOutHere = { status: 'anonymous', because: 'signed-out' }
const signedOutElsewhere = { status: 'anonymous', because: 'signed-out-elsewhere' }

test.describe('keepInIndexedDb() in several tabs', () => {
  test('features 22: a reload needs no provider, two tabs renew once, and a sign-out in one clears the database for all', async ({
    context,
  }) => {
    const issued = issuedTo(context)
    const first = await signedIn(await context.newPage(), app, 'indexed-db')
    const token = await accessToken(first)
    const back = await providerAway(context)
    await first.reload()
    expect(await stateOf(first)).toMatchObject({ status: 'authenticated' })
    expect(await accessToken(first)).toBe(token)
    const second = await open(await context.newPage(), app, 'indexed-db')
    expect(await accessToken(second)).toBe(token)
    await back()

    const renewed = await Promise.all([first, second].map(renewedToken))
    expect(new Set([...renewed, token]).size).toBe(2)
    expect(issued.requests.refresh).toBe(1)
    const away = await providerAway(context)
    await second.reload()
    expect(await stateOf(second)).toMatchObject({ status: 'authenticated' })
    expect(await accessToken(second)).toBe(renewed[0])

    await first.evaluate(() => window.auth.signOut({ where: 'browser' }))
    expect(await stateOf(first)).toEqual(signedOutHere)
    await expect.poll(() => stateOf(second)).toEqual(signedOutElsewhere)
    for (const tab of [first, second]) {
      await tab.reload()
      expect((await stateOf(tab)).status).not.toBe('authenticated')
    }
    await away()
  })

  test('features 30: the database holds no readable token, and a key that cannot be read', async ({ context }) => {
    const spied = await spyOn(context)
    const issued = issuedTo(context)
    const tab = await signedIn(await context.newPage(), app, 'indexed-db')
    const away = await providerAway(context)
    await tab.goto(`${app}/settings.json`)
    // A page of this origin that holds nothing in memory sees what is kept, and no more.
    const kept = await spied(tab)
    await away()
    expect(issued.refreshTokens.length).toBeGreaterThan(0)
    expect(kept).toContain('a key that cannot be read')
    expect(kept).toContain('sealed')
    for (const secret of [...issued.refreshTokens, ...issued.accessTokens]) expect(kept).not.toContain(secret)
    expect(kept).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/)
  })
})

test.describe('createAuth0Client with useRefreshTokens in several tabs', () => {
  /** The same page with that client in it. */
  test.beforeEach(({ context }) =>
    context.route(`${app}/app.js`, async (route) =>
      route.fulfill({ response: await route.fetch({ url: `${app}/auth0.js` }) }),
    ),
  )
  type CacheLocation = 'memory' | 'localstorage'
  async function openClient(tab: Page, cacheLocation: CacheLocation): Promise<Page> {
    await tab.goto(`${app}/?cacheLocation=${cacheLocation}`)
    await isIn(tab)
    return tab
  }
  async function signedInClient(tab: Page, cacheLocation: CacheLocation): Promise<Page> {
    await openClient(tab, cacheLocation)
    await tab.evaluate(() => void window.client.loginWithRedirect({ appState: { target: '/x' } }))
    await fillIn(tab, alice)
    await tab.waitForURL(`${app}/**`)
    expect(await isIn(tab)).toBe(true)
    return tab
  }
  async function isIn(tab: Page): Promise<boolean> {
    await tab.waitForFunction(() => window.ready !== undefined)
    return tab.evaluate(() => window.ready.then(() => window.client.isAuthenticated()))
  }
  const token = (tab: Page) => tab.evaluate(() => window.client.getTokenSilently())
  const freshToken = (tab: Page) => tab.evaluate(() => window.client.getTokenSilently({ cacheMode: 'off' }))
  const kept = (tab: Page) => tab.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))

  test('features 22: from localstorage a reload needs no provider, two tabs renew once, and a sign-out in one clears it for all', async ({
    context,
  }) => {
    const issued = issuedTo(context)
    const first = await signedInClient(await context.newPage(), 'localstorage')
    const before = await token(first)
    const away = await providerAway(context)
    await first.reload()
    expect(await isIn(first)).toBe(true)
    expect(await token(first)).toBe(before)
    const second = await openClient(await context.newPage(), 'localstorage')
    expect((await second.evaluate(() => window.client.getUser()))?.preferred_username).toBe('alice')
    await away()

    const renewed = await Promise.all([first, second].map(freshToken))
    expect(new Set([...renewed, before]).size).toBe(2)
    expect(issued.requests.refresh).toBe(1)
    expect(await kept(second)).toContain(renewed[0])

    await first.evaluate(() => window.client.logout({ openUrl: false }))
    await expect.poll(() => isIn(second)).toBe(false)
    expect(await kept(second)).not.toMatch(/eyJ|refreshToken/)
    const offline = await providerAway(context)
    await second.reload()
    expect(await isIn(second)).toBe(false)
    await offline()
  })

  test('features 22: from memory tabs share without the provider, which a reload asks; nothing is written down', async ({
    context,
  }) => {
    const issued = issuedTo(context)
    const first = await signedInClient(await context.newPage(), 'memory')
    const away = await providerAway(context)
    const second = await openClient(await context.newPage(), 'memory')
    expect(await token(second)).toBe(await token(first))
    await away()
    await Promise.all([first, second].map(freshToken))
    expect(issued.requests.refresh).toBe(1)
    expect(await kept(first)).not.toMatch(/eyJ|refreshToken/)
    await second.close()
    await first.reload()
    expect(await isIn(first)).toBe(true)
    expect(issued.requests.refresh).toBe(1)
  })
})

test.describe('tokensInWorker() in several tabs', () => {
  test('each tab has a session of its own: a reload asks the provider, without it nothing survives; a sign-out reaches both', async ({
    context,
  }) => {
    const first = await signedIn(await context.newPage(), app, 'worker')
    const second = await open(await context.newPage(), app, 'worker')
    for (const tab of [first, second]) expect(await stateOf(tab)).toMatchObject({ status: 'authenticated' })
    expect(await accessToken(first)).not.toBe(await accessToken(second))
    await first.reload()
    expect(await stateOf(first)).toMatchObject({ status: 'authenticated' })
    expect(await renewedToken(first)).not.toBeNull()

    const away = await providerAway(context)
    await second.reload()
    expect(await stateOf(second)).toEqual({ status: 'unknown', because: 'unreachable' })
    await away()
    expect(await second.evaluate(() => window.auth.start())).toMatchObject({ status: 'authenticated' })

    await first.evaluate(() => window.auth.signOut({ where: 'browser' }))
    expect(await stateOf(first)).toEqual(signedOutHere)
    await expect.poll(() => second.evaluate(() => window.auth.state)).toEqual(signedOutElsewhere)
  })

  for (const { parts, seesAccessTokens } of [
    { parts: 'worker', seesAccessTokens: true },
    { parts: 'worker,worker-fetch', seesAccessTokens: false },
  ]) {
    test(`features 30: with ${parts} the page never sees a refresh token${seesAccessTokens ? '' : ', nor an access token'}: not in its window, storages, databases or messages`, async ({
      context,
    }) => {
      const spied = await spyOn(context)
      const issued = issuedTo(context)
      const first = await signedIn(await context.newPage(), app, parts)
      const second = await open(await context.newPage(), app, parts)
      house.apiSaw.length = 0
      for (const tab of [first, second]) {
        if (seesAccessTokens) await renewedToken(tab)
        expect(await tab.evaluate(async () => (await window.auth.fetch('/api/x')).status)).toBe(200)
      }
      expect(issued.requests.refresh).toBe(seesAccessTokens ? 2 : 0)
      expect(issued.refreshTokens.length).toBeGreaterThan(1)
      // What the network brought is read beside the pages, and may come later than they have it.
      const issuedTokens = () => issued.accessTokens.map((token) => `Bearer ${token}`)
      await expect.poll(issuedTokens).toEqual(expect.arrayContaining(house.apiSaw))
      const seen = `${await spied(first)}\n${await spied(second)}`
      expect(seen).toContain('latchkey:silent-callback')
      for (const secret of issued.refreshTokens) expect(seen).not.toContain(secret)
      expect(issued.accessTokens.some((token) => seen.includes(token))).toBe(seesAccessTokens)
    })
  }
})
