import { type TestBff, testBff } from '@latchkey/testing'
import { expect, type Page, test } from '@playwright/test'

/** What a page may try with the cookie of a person who is signed in at the BFF. */
const attempts: Readonly<Record<string, (page: Page, target: string) => Promise<string>>> = {
  fetch: (page, target) =>
    page.evaluate(
      (url) =>
        fetch(url, { credentials: 'include', headers: { 'X-CSRF': '1' } }).then(
          (a) => `${a.status}`,
          () => 'failed',
        ),
      target,
    ),
  'fetch without the header': (page, target) =>
    page.evaluate(
      (url) =>
        fetch(url, { credentials: 'include', mode: 'no-cors' }).then(
          (a) => `${a.status}`,
          () => 'failed',
        ),
      target,
    ),
  image: (page, target) =>
    page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const image = new Image()
          image.onload = () => resolve('loaded')
          image.onerror = () => resolve('failed')
          image.src = url
        }),
      target,
    ),
  EventSource: (page, target) =>
    page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const source = new EventSource(url, { withCredentials: true })
          source.onopen = () => {
            source.close()
            resolve('open')
          }
          source.onerror = () => {
            source.close()
            resolve('failed')
          }
        }),
      target,
    ),
  async form(page, target) {
    const answered = page.waitForResponse((response) => response.url() === target)
    await page.evaluate((url) => {
      const form = document.createElement('form')
      form.method = 'post'
      form.action = url
      document.body.append(form)
      form.submit()
    }, target)
    return String((await answered).status())
  },
}

let house: TestBff
let arrived = 0
let foreign: Readonly<Record<string, string>>

test.beforeAll(async () => {
  house = await testBff({
    api() {
      arrived++
      return new Response('data: hello\n\n', { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  const port = Number(new URL(house.origin).port)
  foreign = {
    'the same origin': house.origin,
    'a sibling of the same site': `http://127.0.0.1:${port === 65_535 ? port - 1 : port + 1}`,
    'a foreign site': `http://localhost:${port}`,
  }
})
test.afterAll(() => house.close())

async function openPage(page: Page, origin: string): Promise<void> {
  const browser = await house.signIn()
  const name = `latchkey-${new URL(house.origin).port}`
  await page
    .context()
    .addCookies([{ name, value: browser.cookies.get(name) ?? '', url: house.origin, sameSite: 'Lax' }])
  await page.route(`${origin}/page`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><p>page' }),
  )
  await page.goto(`${origin}/page`)
  arrived = 0
}

const allowed: readonly (readonly [string, string, string])[] = [
  ['the same origin', 'fetch', '200'],
  ['the same origin', 'EventSource', 'open'],
]

for (const from of ['the same origin', 'a sibling of the same site', 'a foreign site']) {
  for (const [what, attempt] of Object.entries(attempts)) {
    const good = allowed.find(([where, how]) => where === from && how === what)
    test(`features 52: ${what} from ${from} ${good === undefined ? 'never reaches the API' : 'is let through'}`, async ({
      page,
    }) => {
      await openPage(page, foreign[from] ?? '')
      const outcome = await attempt(page, `${house.origin}/api/messages`)
      expect(arrived).toBe(good === undefined ? 0 : 1)
      if (good !== undefined) expect(outcome).toBe(good[2])
      else expect(['403', '0', 'failed']).toContain(outcome)
    })
  }
}

test('features 54: the paths a browser sends reach the API only where they name it without doubt', async ({ page }) => {
  await openPage(page, house.origin)
  const paths = [
    '/api/..%2fadmin',
    '/api/%2e%2e%2fadmin',
    '/api//x',
    '/api/x%5c..%5cadmin',
    '/api/%00',
    '/api/..;/admin',
  ]
  for (const path of paths) {
    const status = await page.evaluate(
      (url) => fetch(url, { headers: { 'X-CSRF': '1' } }).then((answer) => answer.status),
      path,
    )
    expect([path, status]).toEqual([path, 400])
  }
  expect(arrived).toBe(0)
})
