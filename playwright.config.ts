import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium } from './tools/testing/chromium.ts'

const executablePath = findChromium()

/** Files that take long: first, so that none of them is left over for one worker at the end. */
const long = ['store-kills', 'revocations', 'browser-renewal', 'demos', 'pages'].map((name) => `**/${name}.spec.ts`)

export default defineConfig({
  testDir: 'e2e',
  projects: [
    { name: 'long', testMatch: long },
    { name: 'short', testMatch: '**/*.spec.ts', testIgnore: long },
  ],
  workers: 2,
  retries: 0,
  timeout: 90_000,
  // A person would still wait on a busy machine.
  expect: { timeout: 15_000 },
  forbidOnly: true,
  outputDir: 'test-results',
  use: {
    headless: true,
    launchOptions: { args: [...chromiumArguments], ...(executablePath === undefined ? {} : { executablePath }) },
    screenshot: 'only-on-failure',
  },
})
