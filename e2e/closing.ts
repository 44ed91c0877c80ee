import type { Browser, BrowserContext, Page } from '@playwright/test'

/** How long a closed page may take to go before it is told again, in milliseconds. */
const patience = 250

/**
 * Has every page of this browser be told to close until it is closed. Chromium drops the order when it comes while a
 * navigation is being committed (https://issues.chromium.org/issues/536385539); Playwright gives it once, and a test that
 * ends on its way somewhere waits for ever.
 */
export function closingForSure(browser: Browser): Browser {
  const open = browser.newContext.bind(browser)
  browser.newContext = async (options) => withClosingPages(await open(options))
  return browser
}

function withClosingPages(context: BrowserContext): BrowserContext {
  const close = context.close.bind(context)
  context.on('page', (page) => {
    page.close = () => closed(page)
  })
  context.close = async (options) => {
    await Promise.all(context.pages().map(closed))
    await close(options)
  }
  return context
}

/** What `wait` brings, or undefined where the page has closed itself meanwhile. */
export function unlessClosed<T>(page: Page, wait: Promise<T>): Promise<T | undefined> {
  return wait.catch((error: unknown) => (page.isClosed() ? undefined : Promise.reject(error)))
}

async function closed(page: Page): Promise<void> {
  const gone = new Promise<void>((resolve) => page.once('close', () => resolve()))
  const { close } = Object.getPrototypeOf(page) as Page
  while (!page.isClosed()) {
    // Without waiting for the end, which may not come: this way it can be said again.
    await unlessClosed(page, close.call(page, { runBeforeUnload: true }))
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, patience))])
  }
}
