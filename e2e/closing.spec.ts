import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from './test.ts'

const [here, there] = [createServer(), createServer()]

let [from, to] = ['', '']

test.beforeAll(async () => {
  from = await originOf(here)
  to = await originOf(there)
  here.on('request', (_request, response) => {
    response.setHeader('content-type', 'text/html')
    // A page that hears of its end, as those of an application do, is not simply done away with.
    response.end(
      `<!doctype html><script>addEventListener('pagehide', () => undefined)</script><a href="${to}">Leave</a>`,
    )
  })
  there.on('request', (_request, response) => response.writeHead(303, { location: `${from}/back` }).end())
})

async function originOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.afterAll(() => {
  for (const server of [here, there]) {
    server.closeAllConnections()
    server.close()
  }
})

// Without `closingForSure` every second to third of these pages is never closed.
for (const what of ['page', 'context'] as const) {
  test(`a ${what} that is closed on its way to another origin and back is closed`, async ({ browser }) => {
    for (let delay = 0; delay < 24; delay += 4) {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(from)
      const leaving = once(there, 'request')
      await page.getByRole('link').click({ noWaitAfter: true })
      await leaving
      await pause(delay)
      if (what === 'page') await page.close()
      await context.close()
      expect(page.isClosed()).toBe(true)
    }
  })
}
