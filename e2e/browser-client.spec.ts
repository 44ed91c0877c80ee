import type { Page } from '@playwright/test'
import { type AppHost, appHost } from './browser-client/app-host.ts'
import { type ForeignProvider, foreignProvider } from './browser-client/foreign-provider.ts'
import { hasStarted, stateOf } from './browser-client/house.ts'
import { unlessClosed } from './closing.ts'
import { expect, test } from './test.ts'

let host: AppHost
let app: string
let provider: ForeignProvider
/** What the application's own API saw. */
const apiSaw: (string | undefined)[] = []

test.beforeAll(async () => {
  host = await appHost({
    scripts: {
      '/app.js': new URL('./browser-client/page.ts', import.meta.url),
      '/worker.js': new URL('../packages/browser/src/worker/worker-script.ts', import.meta.url),
    },
    settings: () => ({ issuer: provider.issuer }),
    // The strictest that a page can be: no inline anything, and no window that it opens can reach it.
    headers: () => ({ 'content-security-policy': strictPolicy(), 'cross-origin-opener-policy': 'same-origin' }),
    api: ({ headers }) => void apiSaw.push(headers.authorization),
  })
  app = host.origin()
  provider = await foreignProvider(app)
})

test.afterAll(() => {
  provider?.close()
  host?.close()
})

function strictPolicy(): string {
  const { issuer } = provider
  return `default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self' ${issuer}; frame-src 'self' ${issuer}; base-uri 'none'; require-trusted-types-for 'script'`
}

async function open(page: Page, parts = ''): Promise<void> {
  await page.goto(`${app}/?parts=${parts}`)
  await hasStarted(page)
}

/** On oidc-provider's own pages. */
async function signInAtProvider(page: Page, name: string): Promise<void> {
  await page.locator('input[name=login]').fill(name)
  await page.locator('input[name=password]').fill('any')
  await page.getByRole('button', { name: /sign-in/i }).click()
  await unlessClosed(page, page.getByRole('button', { name: /continue/i }).click())
}

const statusOf = async (page: Page) => (await stateOf(page)).status

for (const parts of ['', 'par,dpop', 'worker', 'worker,worker-dpop', 'indexed-db']) {
  test(`against oidc-provider, with ${parts || 'no more parts'}: redirect, userinfo, renewal, reload, API, sign-out`, async ({
    page,
  }) => {
    const failures: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' && message.location().url.startsWith(app)) failures.push(message.text())
    })
    await open(page, parts)
    expect(await statusOf(page)).toBe('anonymous')
    await page.evaluate(() => void window.auth.signIn({ returnTo: '/deep?a=b' }))
    await signInAtProvider(page, 'alice')
    await page.waitForURL(`${app}/deep?a=b`)
    expect(await statusOf(page)).toBe('authenticated')
    expect(await page.evaluate(() => window.auth.fetchUserInfo())).toMatchObject({ sub: 'alice', name: 'Person alice' })
    const first = await page.evaluate(() => window.auth.getAccessToken())
    const second = await page.evaluate(() => window.auth.getAccessToken({ forceRenewal: true }))
    expect(second).not.toBe(first)
    const held = await page.evaluate(() => window.auth.getTokens())
    expect(held?.tokenType).toBe(parts.includes('dpop') ? 'DPoP' : 'Bearer')
    expect(held?.refreshToken === null).toBe(parts.includes('worker'))
    expect(await page.evaluate(async () => (await window.auth.fetch('/api/x')).json())).toEqual({ hello: 'world' })
    expect(apiSaw.at(-1)).toBe(`${held?.tokenType} ${second}`)
    await page.reload()
    expect(await statusOf(page)).toBe('authenticated')
    expect(await page.evaluate(() => window.auth.getAccessToken({ forceRenewal: true }))).not.toBeNull()
    await page.evaluate(() => void window.auth.signOut())
    await page.getByRole('button', { name: /yes/i }).click()
    await page.waitForURL(`${app}/`)
    expect(await stateOf(page)).toEqual({ status: 'anonymous', because: 'signed-out' })
    expect(failures).toEqual([])
  })
}

test('features 25: a popup signs in under Cross-Origin-Opener-Policy and a strict content security policy', async ({
  context,
  page,
}) => {
  await open(page)
  await page.locator('#popup').click()
  const popupPage = () => context.pages().find((one) => one.url().startsWith(provider.issuer))
  await expect.poll(popupPage).toBeDefined()
  const popup = popupPage()
  if (popup === undefined) throw new Error('no window was opened')
  await signInAtProvider(popup, 'bob')
  await expect.poll(() => statusOf(page)).toBe('authenticated')
  await expect.poll(popupPage).toBeUndefined()
  expect(await page.evaluate(() => window.events)).toContain('signed-in')
  expect(page.url()).toBe(`${app}/?parts=`)
})

test('tabs of a real browser share a session without asking the provider, and one that signs out takes the others along', async ({
  context,
  page,
}) => {
  await open(page)
  await page.evaluate(() => void window.auth.signIn())
  await signInAtProvider(page, 'carol')
  await page.waitForURL(`${app}/**`)
  expect(await statusOf(page)).toBe('authenticated')
  const second = await context.newPage()
  await open(second)
  expect(await second.evaluate(() => window.events)).toContain('signed-in')
  const tokens = await Promise.all([page, second].map((tab) => tab.evaluate(() => window.auth.getAccessToken())))
  expect(new Set(tokens).size).toBe(1)
  await page.evaluate(() => window.auth.signOut({ where: 'browser' }))
  await expect.poll(() => statusOf(second)).toBe('anonymous')
})

test('in a browser without Web Locks tabs take turns by localStorage: one renewal serves both', async ({
  page,
  context,
}) => {
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }))
  await open(page)
  await page.evaluate(() => void window.auth.signIn())
  await signInAtProvider(page, 'dave')
  await page.waitForURL(`${app}/**`)
  expect(await statusOf(page)).toBe('authenticated')
  const second = await context.newPage()
  await open(second)
  expect(await second.evaluate(() => [typeof navigator.locks, window.auth.state.status])).toEqual([
    'undefined',
    'authenticated',
  ])
  const rejected = (await page.evaluate(() => window.auth.getAccessToken())) ?? ''
  const renewed = await Promise.all(
    [page, second].map((tab) => tab.evaluate((spent) => window.auth.getAccessToken({ rejected: spent }), rejected)),
  )
  expect([new Set(renewed).size, renewed.includes(rejected)]).toEqual([1, false])
  const renewals = await Promise.all([page, second].map((tab) => tab.evaluate(() => window.events)))
  expect(renewals.flat().filter((event) => event === 'renewing')).toHaveLength(1)
})
