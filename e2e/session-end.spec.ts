import type { BrowserContext, Page } from '@playwright/test'
import { type AppHost, appHost } from './browser-client/app-host.ts'
import {
  bob,
  elsewhere,
  fillIn,
  type House,
  open,
  openHouse,
  signedIn,
  signOutAtProvider,
  stateOf,
} from './browser-client/house.ts'
import { asPeopleHaveIt } from './browser-client/real-browser.ts'
import { expect, test } from './test.ts'

test.use({ launchOptions: asPeopleHaveIt })

let house: House
let app: string
/** A page of somebody else, which frames what its address says. */
let other: AppHost

test.beforeAll(async () => {
  house = await openHouse({ '/app.js': new URL('./browser-client/page.ts', import.meta.url) })
  app = house.app.origin()
  other = await appHost({ scripts: { '/app.js': new URL('./browser-client/foreign-page.ts', import.meta.url) } })
})
test.afterAll(async () => {
  other?.close()
  await house?.close()
})

const signedOutElsewhere = { status: 'anonymous', because: 'signed-out-elsewhere' }

/** The provider's next answers in the hidden frame that end with this parameter. */
async function frameAnswers(page: Page, parameter: string, count = 1): Promise<void> {
  const isAnswer = (url: string) => url.includes('/silent-callback.html?') && new URL(url).searchParams.has(parameter)
  for (let left = count; left > 0; left--) await page.waitForRequest((request) => isAnswer(request.url()))
}

/** Two tabs of the application that one person is signed in to. */
async function twoTabs(context: BrowserContext, parts: string, origin = app): Promise<[Page, Page]> {
  const first = await signedIn(await context.newPage(), origin, parts)
  const second = await open(await context.newPage(), origin, parts)
  for (const tab of [first, second]) expect(await stateOf(tab)).toMatchObject({ status: 'authenticated' })
  return [first, second]
}

test.describe('the session monitor', () => {
  test('OIDC Core §3.1.2.1: a person who signs out at the provider in another tab is signed out in every tab of the application', async ({
    context,
  }) => {
    const tabs = await twoTabs(context, 'monitor')
    await Promise.race(tabs.map((tab) => frameAnswers(tab, 'code')))
    await signOutAtProvider(await context.newPage(), house.provider)
    for (const tab of tabs) await expect.poll(() => stateOf(tab)).toEqual(signedOutElsewhere)
    const events = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.events)))
    expect(events.flat().filter((type) => type === 'session-changed')).toHaveLength(1)
  })

  test('OIDC Core §3.1.2.1: somebody else who signs in at the provider ends the session, and is not taken for the person', async ({
    context,
  }) => {
    const tabs = await twoTabs(context, 'monitor')
    await Promise.race(tabs.map((tab) => frameAnswers(tab, 'code')))
    const other = await open(await context.newPage(), app)
    await other.evaluate(() => void window.auth.signIn({ prompt: 'login' }))
    // The application of that very tab is on its way elsewhere: bob stops at the provider, which knows him now.
    await other.route(`${app}/**`, (route) => route.abort())
    await fillIn(other, bob)
    for (const tab of tabs) await expect.poll(() => stateOf(tab)).toEqual(signedOutElsewhere)
  })

  test('OIDC Core §3.1.2.1: a page that comes back out of the back-forward cache looks again, and does not go on as before', async ({
    page,
  }) => {
    await signedIn(page, app, 'monitor')
    await frameAnswers(page, 'code')
    // It is not left in the middle of its look.
    await expect.poll(() => page.frames()).toHaveLength(1)
    await signOutAtProvider(page, house.provider)
    const arrived = page.waitForEvent('framenavigated')
    await page.evaluate(() => history.go(-2))
    await arrived
    expect(page.url()).toBe(`${app}/?parts=monitor`)
    await expect.poll(() => page.evaluate(() => window.shown)).toEqual([false, true])
    await expect.poll(() => stateOf(page)).toEqual(signedOutElsewhere)
  })

  test('features 29: on another site than the provider every answer is a no without a yes before, and signs nobody out', async ({
    context,
  }) => {
    const [tab] = await twoTabs(context, 'monitor', house.app.origin(elsewhere))
    await frameAnswers(tab, 'error', 3)
    expect(await stateOf(tab)).toMatchObject({ status: 'authenticated', claims: { preferred_username: 'alice' } })
    expect(await tab.evaluate(() => window.events)).not.toContain('signed-out')
  })
})

test.describe('front-channel logout', () => {
  /** The application's static page in a frame of a page that is not the provider's. */
  async function frameAt(tab: Page, host: string, query: Record<string, string>): Promise<void> {
    await tab.goto(
      `${other.origin(host)}/?${new URLSearchParams({ frame: `${app}/frontchannel-logout.html?${new URLSearchParams(query)}` })}`,
    )
    await tab.frameLocator('iframe').locator('html').waitFor({ state: 'attached' })
  }
  /** What a page of the application hears from the static page. */
  async function hear(tab: Page): Promise<() => Promise<number>> {
    await tab.evaluate(() => {
      const heard: unknown[] = []
      Object.assign(window, { heard })
      new BroadcastChannel('latchkey:front-channel-logout').addEventListener('message', ({ data }) => heard.push(data))
    })
    return () => tab.evaluate(() => (window as unknown as { heard: unknown[] }).heard.length)
  }
  const sidOf = (tab: Page) =>
    tab.evaluate(() => (window.auth.state.status === 'authenticated' ? String(window.auth.state.claims.sid) : ''))

  test('Front-Channel Logout §3: the frame of the provider ends the session in every tab of the application', async ({
    context,
  }) => {
    const tabs = await twoTabs(context, 'front-channel')
    await signOutAtProvider(await context.newPage(), house.provider)
    for (const tab of tabs) await expect.poll(() => stateOf(tab)).toEqual(signedOutElsewhere)
  })

  test('Front-Channel Logout §3: a foreign page that frames the static page ends nothing without the very iss and sid', async ({
    context,
  }) => {
    const [tab] = await twoTabs(context, 'front-channel')
    const heard = await hear(tab)
    const [sid, iss] = [await sidOf(tab), house.provider.issuer]
    const foreign = await context.newPage()
    const queries = [{}, { iss }, { iss, sid: 'guessed' }, { sid }, { iss: 'https://evil.test', sid }]
    for (const [index, query] of queries.entries()) {
      await frameAt(foreign, '127.0.0.1', query as Record<string, string>)
      await expect.poll(heard).toBe(index + 1)
    }
    expect(await stateOf(tab)).toMatchObject({ status: 'authenticated' })
    // From another site not even somebody who knows both is heard: Chromium keeps the channels of sites apart.
    await frameAt(foreign, elsewhere, { iss, sid })
    await frameAt(foreign, '127.0.0.1', {})
    await expect.poll(heard).toBe(queries.length + 1)
    expect(await stateOf(tab)).toMatchObject({ status: 'authenticated' })
    await frameAt(foreign, '127.0.0.1', { iss, sid })
    await expect.poll(() => stateOf(tab)).toEqual(signedOutElsewhere)
  })

  test('Front-Channel Logout §3: across sites the frame is not heard; the session ends with the next renewal, in every tab', async ({
    context,
  }) => {
    const tabs = await twoTabs(context, 'front-channel', house.app.origin(elsewhere))
    const heard = await hear(tabs[0])
    const signOut = await context.newPage()
    const framed = signOut.waitForResponse((response) => response.url().includes('/frontchannel-logout.js'))
    await signOutAtProvider(signOut, house.provider)
    await (await framed).finished()
    expect(await stateOf(tabs[0])).toMatchObject({ status: 'authenticated' })
    expect(await tabs[1].evaluate(() => window.auth.getAccessToken({ forceRenewal: true }))).toBeNull()
    for (const tab of tabs) await expect.poll(() => stateOf(tab)).toEqual({ status: 'anonymous', because: 'expired' })
    expect(await heard()).toBe(0)
  })
})
