import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { unlessClosed } from '../closing.ts'
import { alone } from './builds.ts'
import { type ChildProgram, startProgram } from './child-program.ts'
import { freePort } from './provider.ts'

export interface TourProcess extends ChildProgram {
  readonly angular: string
  readonly react: string
  readonly bff: string
  readonly api: string
  readonly provider: string
  readonly alice: { readonly username: string; readonly password: string }
  readonly folder: string
}

/** `npm start` with its own folder and ports, once its table of addresses stands. */
export async function startTour(folder: string, env: NodeJS.ProcessEnv = {}): Promise<TourProcess> {
  const first = String(await freePort())
  const ports = {
    LATCHKEY_PROVIDER_PORT: first,
    LATCHKEY_API_PORT: first,
    LATCHKEY_ANGULAR_PORT: first,
    LATCHKEY_REACT_PORT: first,
    LATCHKEY_BFF_PORT: first,
  }
  const program = await alone(async () => {
    const starting = startProgram('apps/tour/src/main.ts', { env: { ...ports, LATCHKEY_DATA_DIR: folder, ...env } })
    await starting.line(/Ctrl-C ends all of it/)
    return starting
  })
  const address = async (label: string) =>
    new URL((await program.line(new RegExp(`${label}\\s+(http://\\S+)`)))[1] ?? '').origin
  const [, password = ''] = await program.line(/Sign in as\s+alice\s+(\S+)/)
  return {
    ...program,
    folder,
    angular: await address('Angular app'),
    react: await address('React app'),
    bff: await address('BFF app'),
    api: await address('API'),
    provider: await address('Start page'),
    alice: { username: 'alice', password },
  }
}

/** How many refresh requests of this client the provider has answered with tokens, and how many it refused. */
export function refreshRequests(tour: TourProcess, clientId: string): { issued: number; refused: number } {
  const events = readFileSync(`${tour.folder}/logs/provider.log`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string; client_id?: string; grant_type?: string })
    .filter((event) => event.client_id === clientId && event.grant_type === 'refresh_token')
  return {
    issued: events.filter((event) => event.type === 'token.issued').length,
    refused: events.filter((event) => event.type !== 'token.issued').length,
  }
}

/** Signs in in a window of its own; the page that asked for it must stay as it is. */
export async function signInInWindow(page: Page, tour: TourProcess): Promise<void> {
  await page.evaluate(() => Object.assign(window, { stayed: true }))
  const opening = page.context().waitForEvent('page')
  await page.getByTestId('login-popup').click()
  const opened = await opening
  const closed = opened.waitForEvent('close')
  await signInAtProvider(opened, tour)
  await closed
  await expect(page.getByTestId('user-name')).toContainText('Alice')
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true)
}

/** Signs out; resolves when the page has left for the provider and the application's start page is there again. */
export async function signOutAndReturn(page: Page): Promise<void> {
  const start = new URL('/', page.url()).href
  const isBack = (url: string) => url === start || url.startsWith(`${start}?`)
  const back = page
    .waitForResponse((response) => response.request().isNavigationRequest() && isBack(response.url()))
    .then(() => page.waitForEvent('load'))
  await page.getByTestId('logout').click()
  await back
}

/** Signs in on the provider's pages and consents where asked; ends where the application takes over, or the window closes. */
export async function signInAtProvider(page: Page, tour: TourProcess): Promise<void> {
  await page.waitForURL(`${tour.provider}/**`)
  await page
    .getByLabel(/username|email/i)
    .first()
    .fill(tour.alice.username)
  await page
    .getByLabel(/^password/i)
    .first()
    .fill(tour.alice.password)
  await unlessClosed(page, page.getByRole('button', { name: /^sign in|^continue/i }).click())
  const allow = page.getByRole('button', { name: /^allow/i })
  const left = unlessClosed(
    page,
    page.waitForURL((url) => url.origin !== tour.provider),
  )
  const asked = unlessClosed(
    page,
    allow.waitFor().then(() => true),
  )
  if (await Promise.race([asked, left])) await unlessClosed(page, allow.click())
  await left
}

/** Every place in which a script of this page could find something. */
export async function readableByScript(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
}

/** A JWT, or a handle of ours. */
export const looksLikeToken = /eyJ[\w-]+\.[\w-]+\.[\w-]+|[0-9a-f]{11}[\w-]{43}/
