import type { Page } from '@playwright/test'
import { alice, fillIn, type House, openHouse, signOutAtProvider } from './browser-client/house.ts'
import { asPeopleHaveIt } from './browser-client/real-browser.ts'
import { expect, test } from './test.ts'

test.use({ launchOptions: asPeopleHaveIt })

/** Whether the browser showed the very page that it had kept, when it was shown last. */
const wasKept = (page: Page) => page.evaluate(() => window.shown.at(-1))
const heading = (page: Page, name: string) => expect(page.getByRole('heading', { name, exact: true })).toBeVisible()
/** A page that the browser has kept is not loaded again. */
const back = (page: Page) => page.goBack({ waitUntil: 'commit' })
const atProvider = (page: Page) => page.getByLabel('Username').waitFor()

/** Opens a private page and ends at the provider's form. */
async function askedToSignIn(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await atProvider(page)
}

for (const { framework, script } of [
  { framework: 'React', script: 'react-page.tsx' },
  { framework: 'Angular', script: 'angular-page.ts' },
]) {
  test.describe(`the back button with ${framework}`, () => {
    let house: House
    let app: string
    test.beforeAll(async () => {
      house = await openHouse({ '/app.js': new URL(`./browser-client/${script}`, import.meta.url) })
      app = house.app.origin()
    })
    test.afterAll(() => house?.close())

    /** Signed in on the private page, which the person came to by way of the provider. */
    async function inside(page: Page): Promise<void> {
      await askedToSignIn(page, `${app}/private`)
      await fillIn(page, alice)
      await heading(page, 'Private')
    }

    test('features 24: whoever goes back instead of signing in finds a page that says so and leads on, not a dead one', async ({
      page,
    }) => {
      await askedToSignIn(page, `${app}/private`)
      await back(page)
      await expect.poll(() => wasKept(page)).toBe(true)
      const again = page.getByRole(framework === 'React' ? 'button' : 'link', { name: 'Try again' })
      await again.click()
      await fillIn(page, alice)
      await heading(page, 'Private')
      await expect(page.getByText('here is alice')).toBeVisible()
    })

    test('features 24: the same where the browser does not keep the page: the one that is loaded says so, and goes nowhere by itself', async ({
      page,
    }) => {
      await page.addInitScript(() => addEventListener('unload', () => undefined))
      await page.goto(`${app}/settings.json`)
      await askedToSignIn(page, `${app}/private`)
      await back(page)
      // Angular's router has taken the address back to where the last navigation that was done had led.
      const again =
        framework === 'React'
          ? page.getByRole('button', { name: 'Try again' })
          : page.getByRole('link', { name: 'Go in', exact: true })
      await again.waitFor()
      expect(await wasKept(page)).toBe(false)
      await again.click()
      await fillIn(page, alice)
      await heading(page, 'Private')
    })

    test('features 24: going back as often as one likes is no circle: the page before the application is reached', async ({
      page,
    }) => {
      await page.goto(`${app}/settings.json`)
      await askedToSignIn(page, `${app}/private`)
      await back(page)
      await expect.poll(() => wasKept(page)).toBe(true)
      await back(page)
      expect(page.url()).toBe(`${app}/settings.json`)
    })

    test('a page that somebody has signed out of is not shown again as it was', async ({ page }) => {
      await inside(page)
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await heading(page, 'Public')
      await expect(page.getByText('nobody')).toBeVisible()
      await back(page)
      await atProvider(page)
      await expect(page.getByText('here is')).toBeHidden()
    })

    test('the same where no page of the application comes after it: Chromium keeps the page, which shows nothing of it', async ({
      page,
    }) => {
      await inside(page)
      await page.getByRole('button', { name: 'Sign out here' }).click()
      await expect(page.getByText('nobody')).toBeVisible()
      await signOutAtProvider(page, house.provider)
      const arrived = page.waitForEvent('framenavigated')
      await page.evaluate(() => history.go(-2))
      await arrived
      if (framework === 'Angular') await atProvider(page)
      else await expect(page.getByText('nobody')).toBeVisible()
      await expect(page.getByRole('heading', { name: 'Private' })).toBeHidden()
    })

    test('features 29: a page that lay in the cache while somebody signed out in another tab is not shown as it was', async ({
      context,
      page,
    }) => {
      await inside(page)
      await page.goto(`${app}/settings.json`)
      const other = await context.newPage()
      await other.goto(`${app}/private`)
      await other.getByRole('button', { name: 'Sign out', exact: true }).click()
      await heading(other, 'Public')
      await back(page)
      await atProvider(page)
    })

    test('features 24: going back over a sign-in that is done, and to its callback, leaves the person signed in', async ({
      page,
    }) => {
      const callback = page.waitForRequest(
        (request) => request.url().startsWith(`${app}/?`) && request.isNavigationRequest(),
      )
      await inside(page)
      await page.goto((await callback).url())
      await expect(page.getByText('here is alice')).toBeVisible()
      expect(new URL(page.url()).search).toBe('')
      await back(page)
      await heading(page, 'Private')
      await expect(page.getByText('here is alice')).toBeVisible()
      const arrived = page.waitForEvent('framenavigated')
      await page.evaluate(() => history.go(-2))
      await arrived
      await expect(page.getByText('here is alice')).toBeVisible()
    })

    if (framework === 'Angular') {
      test('features 24: autoLoginPartialRoutesGuard in canMatch leads on as well, in the application and at its start', async ({
        page,
      }) => {
        await page.goto(app)
        for (const start of [
          () => page.getByRole('link', { name: 'Go in lazily' }).click(),
          () => page.goto(`${app}/lazy`),
        ]) {
          await start()
          await atProvider(page)
          await back(page)
          await expect.poll(() => wasKept(page)).toBe(true)
          await heading(page, 'You did not sign in')
          expect(page.url()).toBe(`${app}/sorry`)
        }
      })

      test('features 24: where unauthorizedRoute is guarded itself the router is told why, and the links still lead on', async ({
        page,
      }) => {
        await page.addInitScript(() => sessionStorage.setItem('unauthorized-route', '/private'))
        await askedToSignIn(page, `${app}/private`)
        await back(page)
        await expect(page).toHaveTitle(/the sign-in was left before it was done/)
        await page.getByRole('link', { name: 'Go in', exact: true }).click()
        await fillIn(page, alice)
        await heading(page, 'Private')
      })
    }
  })
}
