import type { Browser, Page } from '@playwright/test'
import { appServer, type DrivenAppName } from './app-server.ts'
import type { TabReport } from './driven-app.ts'
import { type Faults, faultyProvider, type RenewalCount } from './faulty-provider.ts'

export interface RenewalDriveOptions extends Faults {
  readonly app: DrivenAppName
  readonly tabs: number
  readonly seconds: number
  /** As in browsers before 2022. */
  readonly withoutWebLocks?: boolean
}

export interface RenewalDriveResult extends RenewalCount {
  readonly app: DrivenAppName
  readonly tabs: number
  readonly seconds: number
  /** Summed over all tabs. */
  readonly calls: number
  readonly tokens: number
  readonly nothing: number
  readonly failures: number
  readonly expired: number
  readonly signOuts: number
  readonly tabsSignedInAtTheEnd: number
}

/** One person, several tabs of one application, a slow and lossy provider that takes reuse seriously. */
export async function renewalDrive(browser: Browser, options: RenewalDriveOptions): Promise<RenewalDriveResult> {
  const { app, tabs, seconds } = options
  const server = await appServer(app)
  const provider = await faultyProvider(server.origin, options)
  server.issuer = provider.issuer
  const context = await browser.newContext()
  if (options.withoutWebLocks === true) {
    await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }))
  }
  try {
    const pages = [await signedInPage(await context.newPage(), server.origin)]
    while (pages.length < tabs) pages.push(await opened(await context.newPage(), server.origin))
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    const reports = await Promise.all(pages.map((page) => page.evaluate(() => window.report())))
    const sum = (member: Exclude<keyof TabReport, 'signedIn'>) =>
      reports.reduce((total, report) => total + report[member], 0)
    return {
      app,
      tabs,
      seconds,
      ...provider.count(),
      calls: sum('calls'),
      tokens: sum('tokens'),
      nothing: sum('nothing'),
      failures: sum('failures'),
      expired: sum('expired'),
      signOuts: sum('signOuts'),
      tabsSignedInAtTheEnd: reports.filter(({ signedIn }) => signedIn).length,
    }
  } finally {
    await context.close()
    await provider.close()
    server.close()
  }
}

async function opened(page: Page, origin: string): Promise<Page> {
  await page.goto(origin)
  await page.waitForFunction(() => window.app !== undefined)
  return page
}

async function signedInPage(page: Page, origin: string): Promise<Page> {
  await opened(page, origin)
  await page.evaluate(() => void window.app.signIn())
  await page.waitForURL(/\/interaction\//)
  await page.evaluate(() => {
    const form = document.createElement('form')
    form.method = 'POST'
    form.action =
      document.querySelector<HTMLFormElement>('form[action$="/sign-in"]')?.action ?? `${location.pathname}/sign-in`
    form.append(Object.assign(document.createElement('input'), { name: 'username', value: 'alice' }))
    document.body.append(form)
    form.submit()
  })
  await page.waitForURL(`${origin}/**`)
  await page.waitForFunction(() => window.app?.signedIn())
  return page
}
