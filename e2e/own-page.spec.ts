import type { Browser, BrowserContext, Page } from '@playwright/test'
import { temporaryFolder } from './processes/provider.ts'
import { refreshRequests, signInAtProvider, startTour, type TourProcess } from './processes/tour.ts'
import { expect, test } from './test.ts'

const folder = temporaryFolder()
let tour: TourProcess
let admin: { readonly username: string; readonly password: string }

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  test.setTimeout(180_000)
  tour = await startTour(folder.path)
  const [, password = ''] = await tour.line(/Administrator\s+admin\s+(\S+)/)
  admin = { username: 'admin', password }
})

test.afterAll(async () => {
  expect(await tour?.stop('SIGINT')).toBe(0)
  folder.remove()
})

const account = () => `${tour.provider}/account`
const card = (page: Page, name: string) => page.getByRole('article').filter({ hasText: name })

/** Logs in to the React app, says whether the provider asked for consent, and pings the API. */
async function logIn(page: Page): Promise<boolean> {
  let asked = false
  page.on('request', (request) => {
    asked ||= request.url().endsWith('/consent')
  })
  await page.goto(`${tour.react}/`)
  await page.getByTestId('login').click()
  await signInAtProvider(page, tour)
  await expect(page.getByTestId('user-name')).toContainText('Alice')
  await page.goto(`${tour.react}/external-api`)
  await page.getByTestId('ping').click()
  await expect(page.getByTestId('ping-status')).toContainText('200')
  return asked
}

async function openAccount(context: BrowserContext, who: { username: string; password: string } | null): Promise<Page> {
  const page = await context.newPage()
  await page.goto(account())
  if (who === null) return page
  await page.getByLabel(/^username/i).fill(who.username)
  await page.getByLabel(/^password/i).fill(who.password)
  await page.getByRole('button', { name: /^sign in/i }).click()
  await page.waitForURL(account())
  return page
}

async function withContext(browser: Browser, work: (context: BrowserContext) => Promise<void>): Promise<void> {
  const context = await browser.newContext()
  try {
    await work(context)
  } finally {
    await context.close()
  }
}

test('issue 4: access withdrawn in one tab: the app’s next call in the other is refused, its refresh ends with invalid_grant, and it has to ask again', async ({
  browser,
}) => {
  await withContext(browser, async (context) => {
    const app = await context.newPage()
    expect(await logIn(app)).toBe(true)
    const bearer = new Promise<string>((resolve) =>
      app.on('request', (request) => {
        const { authorization } = request.headers()
        if (authorization !== undefined) resolve(authorization)
      }),
    )
    await app.getByTestId('ping').click()
    const authorization = await bearer
    const page = await openAccount(context, null)
    const react = card(page, 'React')
    await expect(react).toContainText('Read your messages')
    await expect(react).toContainText('Has access now')
    await react.getByRole('link', { name: /^Withdraw access/ }).click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Withdraw the access of')
    await page.getByRole('button', { name: 'Withdraw access' }).click()
    await expect(page.getByRole('status')).toContainText('has no access any more')
    await expect(card(page, 'React')).toHaveCount(0)

    const atApi = async () => (await fetch(`${tour.api}/api/external`, { headers: { authorization } })).status
    await expect.poll(atApi, { timeout: 5000, intervals: [50] }).toBe(401)
    const before = refreshRequests(tour, 'demo-react')
    const refresh = app.waitForResponse(`${tour.provider}/token`)
    await app.getByTestId('ping').click()
    expect(await (await refresh).json()).toMatchObject({ error: 'invalid_grant' })
    await expect(app.getByTestId('login')).toBeVisible()
    expect(refreshRequests(tour, 'demo-react').issued).toBe(before.issued)

    // Still signed in at the provider, so that nothing but consent is asked for.
    await app.goto(`${tour.react}/`)
    await app.getByTestId('login').click()
    await expect(app.getByRole('heading', { level: 1 })).toContainText('asks for access')
    await expect(app.getByText('You can withdraw this at any time at')).toBeVisible()
    await app.getByRole('button', { name: 'Allow' }).click()
    await expect(app.getByTestId('user-name')).toContainText('Alice')
  })
})

test('features 52: another person’s consents cannot be reached, and a forged form is refused and changes nothing', async ({
  browser,
}) => {
  await withContext(browser, async (context) => {
    const page = await openAccount(context, admin)
    await expect(page.getByText('No application has access')).toBeVisible()
    await page.goto(`${account()}/withdraw?client_id=demo-react`)
    await expect(page).toHaveURL(account())
    const forged = await context.request.post(`${account()}/withdraw?client_id=demo-react`, {
      form: { form_token: 'forged' },
    })
    expect(forged.status()).toBe(403)
  })
  await withContext(browser, async (context) => {
    const page = await openAccount(context, tour.alice)
    await page.goto(`${account()}/withdraw?client_id=demo-react`)
    const form_token = await page.locator('input[name=form_token]').inputValue()
    const send = (origin: string, token: string) =>
      context.request.post(`${account()}/withdraw?client_id=demo-react`, {
        headers: { origin },
        form: { form_token: token },
      })
    expect((await send('https://evil.example', form_token)).status()).toBe(403)
    expect((await send(tour.provider, `${form_token}x`)).status()).toBe(403)
    await page.goto(account())
    await expect(card(page, 'React')).toBeVisible()
  })
})

test('a browser is signed out from another, without JavaScript, and only there', async ({ browser }) => {
  await withContext(browser, async (elsewhere) => {
    const there = await openAccount(elsewhere, tour.alice)
    const context = await browser.newContext({
      javaScriptEnabled: false,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    })
    const here = await openAccount(context, tour.alice)
    await expect(here.getByRole('listitem').filter({ hasText: 'This browser' })).toContainText('Firefox on Linux')
    await here.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await expect(here.getByRole('status')).toContainText(/signed out/)
    await expect(here.getByText('You are signed in nowhere else.')).toBeVisible()
    await there.reload()
    await expect(there.getByLabel(/^username/i)).toBeVisible()
    await context.close()
  })
})
