import { alice, fillIn, type House, open, openHouse, stateOf } from './browser-client/house.ts'
import { asPeopleHaveIt } from './browser-client/real-browser.ts'
import { expect, test } from './test.ts'

test.use({ launchOptions: asPeopleHaveIt })

let house: House
test.beforeAll(async () => {
  house = await openHouse({ '/app.js': new URL('./browser-client/page.ts', import.meta.url) })
})
test.afterAll(() => house?.close())

test('a window that Chromium blocks, as nobody clicked, is a typed outcome', async ({ page }) => {
  await page.goto(`${house.app.origin()}/?parts=popup-unasked`)
  await page.waitForURL('**/*#popup_blocked')
})

test('a window that the person closes is a typed outcome, and the next click signs in', async ({ context, page }) => {
  await open(page, house.app.origin())
  const opened = context.waitForEvent('page')
  await page.locator('#popup').click()
  const first = await opened
  await first.getByLabel('Username').waitFor()
  // Browsers tell nobody of a window's end: the page looks every quarter of a second.
  await first.waitForTimeout(500)
  await first.close()
  await page.waitForURL('**/*#popup_closed')
  const again = context.waitForEvent('page')
  await page.locator('#popup').click()
  const second = await again
  const closed = second.waitForEvent('close')
  await fillIn(second, alice)
  await closed
  await expect.poll(() => stateOf(page)).toMatchObject({ status: 'authenticated' })
})
