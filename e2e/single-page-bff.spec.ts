import type { Page } from '@playwright/test'
import { asPeopleHaveIt } from './browser-client/real-browser.ts'
import { temporaryFolder } from './processes/provider.ts'
import {
  looksLikeToken,
  readableByScript,
  signInAtProvider,
  signInInWindow,
  signOutAndReturn,
  startTour,
  type TourProcess,
} from './processes/tour.ts'
import { expect, test } from './test.ts'

test.use({ launchOptions: asPeopleHaveIt })

const folder = temporaryFolder()
let tour: TourProcess

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  test.setTimeout(300_000)
  tour = await startTour(folder.path, { TOUR_ACCESS_TOKEN_SECONDS: '5' })
})

test.afterAll(async () => {
  await tour?.stop('SIGINT')
  folder.remove()
})

for (const { name, host } of [
  { name: 'Angular', host: 'localhost' },
  { name: 'React', host: 'react.localhost' },
] as const) {
  test.describe(`the ${name} demo over the BFF`, () => {
    const seen: string[] = []
    let page: Page
    let origin: string

    test.beforeAll(async ({ browser }) => {
      origin = tour.bff.replace('127.0.0.1', host)
      page = await (await browser.newContext()).newPage()
      page.on('response', async (response) => {
        if (response.url().startsWith(origin)) seen.push(await response.text().catch(() => ''))
      })
    })
    test.afterAll(() => page?.context().close())

    async function ping(status: string) {
      await page.getByTestId('ping').click()
      await expect(page.getByTestId('ping-status')).toContainText(status)
    }

    test('signs in, calls the API and goes on past expiry with tokens on the server alone', async () => {
      await page.goto(origin)
      await page.getByTestId('login').click()
      await signInAtProvider(page, tour)
      await expect(page.getByTestId('user-name')).toContainText('Alice')
      await expect(page.getByTestId('token-panel')).toContainText('none in this page')
      await page.goto(`${origin}/external-api`)
      await ping('200')
      await expect(page.getByTestId('ping-result')).toContainText('"sub"')
      await page.waitForTimeout(5500)
      await ping('200')
      expect(await readableByScript(page)).not.toMatch(looksLikeToken)
      for (const body of seen) expect(body).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\./)
    })

    test('has a session of its own: the page of the same server at another name knows nothing of it', async () => {
      const other = await page.context().newPage()
      await other.goto(tour.bff)
      await expect(other.getByTestId('login')).toBeVisible()
      await other.close()
    })

    test('says that nobody is there any more once the person has signed out', async () => {
      await page.goto(origin)
      await signOutAndReturn(page)
      await expect(page.getByTestId('login')).toBeVisible()
      const status = () => page.evaluate(async () => (await fetch('/bff/user', { headers: { 'X-CSRF': '1' } })).status)
      expect(await status()).toBe(401)
      await page.goBack({ waitUntil: 'commit' })
      await expect(page.getByTestId('login')).toBeVisible()
      await expect(page.getByTestId('user-name')).toBeHidden()
    })

    test('signs in in a window: the page stays as it is, under its opener policy too', async () => {
      await page.goto(origin)
      await signInInWindow(page, tour)
      await page.goto(`${origin}/external-api`)
      await ping('200')
    })
  })
}
