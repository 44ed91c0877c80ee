import { defineConfig } from '@playwright/test'
import { chromiumArguments, findChromium } from './tools/testing/chromium.ts'

const executablePath = findChromium()

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  workers: 1,
  retries: 0,
  timeout: 90_000,
  forbidOnly: true,
  outputDir: 'test-results',
  use: {
    headless: true,
    launchOptions: { args: [...chromiumArguments], ...(executablePath === undefined ? {} : { executablePath }) },
    trace: 'retain-on-failure',
  },
})
