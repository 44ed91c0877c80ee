import { test as base } from '@playwright/test'
import { closingForSure } from './closing.ts'
import { runningPrograms } from './processes/child-program.ts'

export { expect } from '@playwright/test'

/** How much of what a program wrote is shown beside a failure, in characters. */
const shown = 4000

interface Automatic {
  readonly outputs: undefined
}

/** Playwright's test, with a browser whose pages close for sure, and the output of the programs beside each failure. */
export const test = base.extend<Automatic, object>({
  browser: [async ({ browser }, use) => use(closingForSure(browser)), { scope: 'worker' }],
  outputs: [
    async ({ browserName: _ }, use, info) => {
      await use(undefined)
      if (info.status === info.expectedStatus) return
      for (const { name, output } of runningPrograms()) {
        const body = `${output.stdout.slice(-shown)}\n${output.stderr.slice(-shown)}`
        await info.attach(`output of ${name}`, { body, contentType: 'text/plain' })
      }
    },
    { auto: true },
  ],
})
