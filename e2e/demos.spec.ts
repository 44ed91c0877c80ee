import type { BrowserContext, Page } from '@playwright/test'
import { temporaryFolder } from './processes/provider.ts'
import {
  looksLikeToken,
  readableByScript,
  refreshRequests,
  signInAtProvider,
  signInInWindow,
  signOutAndReturn,
  startTour,
  type TourProcess,
} from './processes/tour.ts'
import { expect, test } from './test.ts'

const lifetimeSeconds = 5
const folder = temporaryFolder()
let tour: TourProcess

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  test.setTimeout(180_000)
  tour = await startTour(folder.path, { OIDC_TOKEN_EXPIRE: String(lifetimeSeconds) })
})

test.afterAll(async () => {
  expect(await tour?.stop('SIGINT')).toBe(0)
  folder.remove()
})

/** Waits in the page for the access token's end; the server's clock is real here. */
async function untilExpired(page: Page) {
  await page.waitForTimeout((lifetimeSeconds + 0.5) * 1000)
}

async function ping(page: Page, status: string) {
  await page.getByTestId('ping').click()
  await expect(page.getByTestId('ping-status')).toContainText(status)
}

/** features 17: the API itself refuses the very token that was captured before it was revoked. */
async function expectRevokedAtApi(authorization: string) {
  const ask = async () => {
    const response = await fetch(`${tour.api}/api/external`, { headers: { authorization } })
    return { status: response.status, ...((await response.json()) as { detail?: string }) }
  }
  const refused = { status: 401, detail: 'the access token was revoked' }
  await expect.poll(ask, { timeout: 5000, intervals: [50] }).toMatchObject(refused)
}

for (const demo of [
  { name: 'Angular', clientId: 'demo-angular', origin: () => tour.angular, page: '/external-api' },
  { name: 'React', clientId: 'demo-react', origin: () => tour.react, page: '/external-api' },
  { name: 'BFF', clientId: 'demo-bff', origin: () => tour.bff, page: '/' },
] as const) {
  test.describe(`the ${demo.name} demo`, () => {
    let context: BrowserContext
    let page: Page

    test.beforeAll(async ({ browser }) => {
      context = await browser.newContext()
      page = await context.newPage()
    })
    test.afterAll(() => context.close())

    async function open(tab: Page, path: string = demo.page) {
      await tab.goto(demo.origin() + path)
    }

    async function logIn() {
      await open(page, '/')
      await page.getByTestId('login').click()
      await signInAtProvider(page, tour)
      await expect(page.getByTestId('user-name')).toContainText('Alice')
      if (demo.page !== '/') await open(page)
    }

    test('log in, consent, Ping API: 200 with JSON', async () => {
      await logIn()
      await ping(page, '200')
      await expect(page.getByTestId('ping-result')).toContainText('"sub"')
    })

    test('20 parallel calls after expiry: one refresh request and 20 answers of 200', async () => {
      await ping(page, '200')
      await untilExpired(page)
      const before = refreshRequests(tour, demo.clientId)
      await page.getByTestId('ping-20').click()
      await expect(page.getByTestId('ping-20-result')).toContainText(/\b20 of 20\b/)
      const after = refreshRequests(tour, demo.clientId)
      expect(after.issued - before.issued).toBe(1)
      expect(after.refused).toBe(0)
    })

    test('20 parallel calls in each of two tabs after expiry: still one refresh request', async () => {
      const second = await context.newPage()
      await open(second)
      await ping(second, '200')
      await ping(page, '200')
      await untilExpired(page)
      const before = refreshRequests(tour, demo.clientId)
      await Promise.all([page.getByTestId('ping-20').click(), second.getByTestId('ping-20').click()])
      for (const tab of [page, second]) await expect(tab.getByTestId('ping-20-result')).toContainText(/\b20 of 20\b/)
      const after = refreshRequests(tour, demo.clientId)
      expect(after.issued - before.issued).toBe(1)
      await second.close()
    })

    test('a reload keeps the user signed in, and nothing a script can read holds a token', async () => {
      await page.reload()
      await expect(page.getByTestId('user-name')).toContainText('Alice')
      await ping(page, '200')
      expect(await readableByScript(page)).not.toMatch(looksLikeToken)
    })

    test('log out in one tab signs the other out', async () => {
      const second = await context.newPage()
      await open(second)
      await expect(second.getByTestId('user-name')).toContainText('Alice')
      // The other tab hears it at once; the provider a moment later.
      await signOutAndReturn(second)
      await expect(page.getByTestId('login')).toBeVisible()
      await expect(page.getByTestId('user-name')).toBeHidden()
      await second.close()
    })

    test('revoke: the next call fails with 401 and the app says so', async () => {
      await logIn()
      const call = page.waitForRequest((request) => request.method() === 'GET' && request.url().includes('/api/'))
      await ping(page, '200')
      const { authorization } = await (await call).allHeaders()
      await page.getByTestId('revoke').click()
      await expect(page.getByTestId('notice')).toContainText(/revoked|taken back/i)
      await ping(page, '401')
      await expect(page.getByTestId('notice')).toContainText(/sign in again/i)
      // The BFF never gives its token to the page; the Angular app's could have been stolen.
      if (authorization !== undefined) await expectRevokedAtApi(authorization)
    })

    if (demo.name !== 'BFF') {
      test('log in in a window: the page stays as it is, under its opener policy too', async () => {
        await open(page, '/')
        await signOutAndReturn(page)
        await expect(page.getByTestId('login-popup')).toBeVisible()
        await signInInWindow(page, tour)
      })
    }
  })
}
