import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from '@playwright/test'
import { freePort, type ProviderProcess, startProvider, temporaryFolder } from './processes/provider.ts'
import { expect, test } from './test.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const people = [
  { username: 'alice', password: 'correct horse battery', claims: { name: 'Alice Doe' } },
  { username: 'root', password: 'a password for the root', admin: true },
  { username: 'newcomer', password: 'nothing was allowed yet' },
  { username: 'anna', password: 'she allowed something' },
]
const client = {
  client_id: 'notes',
  client_secret: 'a secret of the notes client',
  client_name: 'Donaudampfschifffahrtsgesellschaftsnotizverwaltung für Unternehmensangehörige',
  require_pkce: false,
}
const application = createServer((_request, response) => response.end('the application'))
const folder = temporaryFolder()
let provider: ProviderProcess
let redirectUri: string

test.beforeAll(async () => {
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve))
  redirectUri = `http://127.0.0.1:${(application.address() as AddressInfo).port}/cb`
  const clients = [{ ...client, redirect_uris: [redirectUri] }]
  provider = await startProvider(folder.path, { port: await freePort(), users: people, clients })
})

test.afterAll(async () => {
  await provider.stop()
  application.closeAllConnections()
  application.close()
  folder.remove()
})

const authorize = () =>
  `${provider.issuer}/authorize?client_id=notes&response_type=code&scope=openid+profile+email&redirect_uri=${encodeURIComponent(redirectUri)}`
const isLanded = (url: URL) => url.href.startsWith(`${redirectUri}?`)

async function signIn(page: Page, { username, password }: { username: string; password: string }) {
  await page.getByLabel(/^username/i).fill(username)
  await page.getByLabel(/^password/i).fill(password)
  await page.getByRole('button', { name: /^sign in/i }).click()
}

/** Has allowed the application what it asks for. */
async function allow(page: Page, who: { username: string; password: string }) {
  const landed = page.waitForURL(isLanded)
  await page.goto(authorize())
  await signIn(page, who)
  const button = page.getByRole('button', { name: /^allow/i })
  await Promise.race([landed, button.waitFor()])
  if (await button.isVisible()) await button.click()
  await landed
}

/** Each page in the order in which a person meets it; ends with the page open. */
const pages: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  start: (page) => page.goto(`${provider.issuer}/`),
  'an error': (page) => page.goto(`${provider.issuer}/authorize?client_id=nobody`),
  'sign-in': (page) => page.goto(authorize()),
  'sign-in with errors': async (page) => {
    await page.goto(authorize())
    await page.getByRole('button', { name: /^sign in/i }).click()
    await expect(page.getByRole('alert').or(page.locator('.error-summary')).first()).toBeVisible()
  },
  consent: async (page) => {
    await page.goto(authorize())
    await signIn(page, people[0] as (typeof people)[0])
    await expect(page.getByRole('button', { name: /^allow/i })).toBeVisible()
  },
  'the account': async (page) => {
    await allow(page, people[3] as (typeof people)[3])
    await page.goto(`${provider.issuer}/account`)
    await expect(page.getByRole('link', { name: /^withdraw access/i })).toBeVisible()
  },
  'the account of somebody who allowed nothing': async (page) => {
    await page.goto(`${provider.issuer}/account`)
    await signIn(page, people[2] as (typeof people)[2])
    await expect(page.getByText('No application has access')).toBeVisible()
  },
  'withdrawing access': async (page) => {
    await pages['the account']?.(page)
    await page.getByRole('link', { name: /^withdraw access/i }).click()
    await expect(page.getByRole('button', { name: 'Withdraw access' })).toBeVisible()
  },
  'sign-out': (page) => page.goto(`${provider.issuer}/end-session`),
  'the list of clients': async (page) => {
    await page.goto(`${provider.issuer}/admin/clients`)
    await signIn(page, people[1] as (typeof people)[1])
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  },
  'a new client': async (page) => {
    await page.goto(`${provider.issuer}/admin/clients/new`)
    await signIn(page, people[1] as (typeof people)[1])
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  },
  'the audit trail': async (page) => {
    await page.goto(`${provider.issuer}/admin/audit`)
    await signIn(page, people[1] as (typeof people)[1])
    await expect(page.getByRole('table')).toBeVisible()
  },
  'a person': async (page) => {
    await page.goto(`${provider.issuer}/admin/people?person=alice`)
    await signIn(page, people[1] as (typeof people)[1])
    await expect(page.getByRole('link', { name: 'End everything' })).toBeVisible()
  },
  'what a person has allowed': async (page) => {
    const browser = page.context().browser()
    if (browser === null) throw new Error('no browser')
    await withPage(browser, {}, (theirs) => allow(theirs, people[3] as (typeof people)[3]))
    await page.goto(`${provider.issuer}/admin/people?person=anna`)
    await signIn(page, people[1] as (typeof people)[1])
    await expect(page.getByRole('link', { name: /^withdraw access/i })).toBeVisible()
    await expect(page.getByRole('button', { name: /^sign out/i }).first()).toBeVisible()
  },
  'withdrawing access for a person': async (page) => {
    await pages['what a person has allowed']?.(page)
    await page.getByRole('link', { name: /^withdraw access/i }).click()
    await expect(page.getByRole('button', { name: 'Withdraw access' })).toBeVisible()
  },
  'the deletion of a person': async (page) => {
    await page.goto(`${provider.issuer}/admin/people?person=alice`)
    await signIn(page, people[1] as (typeof people)[1])
    await page.getByRole('link', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete account' }).click()
    await expect(page.getByText('That is not the name')).toBeVisible()
  },
}

async function withPage<T>(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0],
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext(options)
  try {
    return await work(await context.newPage())
  } finally {
    await context.close()
  }
}

for (const [name, open] of Object.entries(pages)) {
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 375],
  ] as const) {
    test(`${name}, ${colorScheme}, ${width} px: accessible, and nothing scrolls sideways`, async ({ browser }) => {
      await withPage(browser, { colorScheme, viewport: { width, height: 800 }, bypassCSP: true }, async (page) => {
        await open(page)
        await page.evaluate(axe)
        const violations = await page.evaluate(async () => {
          const runner = (
            globalThis as unknown as {
              axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
            }
          ).axe
          return (await runner.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
        })
        expect(violations).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
      })
    })
  }

  test(`${name}: a strict policy, and no inline script or style`, async ({ browser }) => {
    await withPage(browser, {}, async (page) => {
      let policy = ''
      page.on('response', async (response) => {
        if (response.request().isNavigationRequest()) policy = response.headers()['content-security-policy'] ?? ''
      })
      await open(page)
      expect(policy).toMatch(/default-src 'none'/)
      expect(policy).not.toMatch(/unsafe-inline|unsafe-eval/)
      expect(policy).toMatch(/frame-ancestors 'none'/)
      expect(await page.locator('script:not([src]), style, [style], [onclick]').count()).toBe(0)
    })
  })
}

/** The code with which the browser is sent to the application. */
async function codeAfter(page: Page, act: () => Promise<unknown>): Promise<string> {
  await act()
  await page.waitForURL(isLanded)
  return new URL(page.url()).searchParams.get('code') ?? ''
}

test('sign-in and consent work with JavaScript off, and then by keyboard alone', async ({ browser }) => {
  await withPage(browser, { javaScriptEnabled: false }, async (page) => {
    await pages.consent?.(page)
    const allow = page.getByRole('button', { name: /^allow/i })
    expect(await codeAfter(page, () => allow.click())).toMatch(/^\S{40,}$/)
  })
  await withPage(browser, {}, async (page) => {
    await page.goto(authorize())
    await page.keyboard.type('alice')
    await page.keyboard.press('Tab')
    await page.keyboard.type('correct horse battery')
    expect(await codeAfter(page, () => page.keyboard.press('Enter'))).toMatch(/^\S{40,}$/)
  })
})
