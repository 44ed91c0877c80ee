import { afterEach, expect, test, vi } from 'vitest'
import { browserPlatform } from './browser-platform.ts'
import { everyBrowserPlatform } from './every-browser-platform.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** As much of a browser as a platform looks at before anything happens. */
function browserWith(locks: unknown): readonly unknown[] {
  const told: unknown[] = []
  vi.stubGlobal('document', {})
  vi.stubGlobal('navigator', { locks })
  vi.stubGlobal('localStorage', undefined)
  vi.stubGlobal('addEventListener', () => undefined)
  vi.spyOn(console, 'warn').mockImplementation((text) => told.push(text))
  return told
}

test('features 26: where tabs cannot take turns the core says so, and which platform they can by', async () => {
  const told = browserWith(undefined)
  expect(await browserPlatform().locks.held()).toBeNull()
  expect(told).toEqual(['no Web Locks: use everyBrowserPlatform()'])
})

test('where tabs take turns nothing is said: by localStorage, and by Web Locks', () => {
  const told = browserWith(undefined)
  everyBrowserPlatform()
  browserWith({ request: () => undefined })
  browserPlatform()
  expect(told).toEqual([])
})
