import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { buildAngular17, buildReact18 } from './applications/build.ts'
import { alone } from './processes/builds.ts'
import { freePort, type ProviderProcess, startProvider, temporaryFolder } from './processes/provider.ts'
import { expect, test } from './test.ts'

const alice = { username: 'alice', password: 'correct horse battery', claims: { name: 'Alice Doe' } }
const folder = temporaryFolder()
const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' }
const applications = [
  { name: 'angular-17', build: buildAngular17, framework: /^17\./ },
  { name: 'react-18', build: buildReact18, framework: /^18\./ },
] as const
const servers = new Map<string, Server>()
let provider: ProviderProcess

function originOf(name: string): string {
  const address = servers.get(name)?.address() as AddressInfo | undefined
  return `http://127.0.0.1:${address?.port}`
}

/** The built application, with a page for every path that is no file. */
async function serve(directory: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (path === '/config.json') return void response.end(JSON.stringify({ issuer: provider.issuer }))
    const file = join(directory, path)
    const found = extname(path) !== '' && existsSync(file) ? file : join(directory, 'index.html')
    response.setHeader('content-type', types[extname(found)] ?? 'text/html')
    response.end(readFileSync(found))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

test.beforeAll(async () => {
  test.setTimeout(180_000)
  await alone(async () => {
    for (const { name, build } of applications) servers.set(name, await serve(await build()))
  })
  const clients = applications.map(({ name }) => ({
    client_id: name,
    client_name: name,
    token_endpoint_auth_method: 'none',
    redirect_uris: [`${originOf(name)}/`, `${originOf(name)}/silent-callback.html`],
    post_logout_redirect_uris: [`${originOf(name)}/`],
    grant_types: ['authorization_code', 'refresh_token'],
  }))
  provider = await startProvider(folder.path, { port: await freePort(), users: [alice], clients })
})

test.afterAll(async () => {
  await provider?.stop()
  for (const server of servers.values()) server.close()
  folder.remove()
})

for (const { name, framework } of applications) {
  test(`the packages as built run in ${name}: the guard, the token on its way, a reload, the sign-out`, async ({
    page,
  }) => {
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(`${originOf(name)}/`)
    await expect(page.locator('#name')).toHaveText('nobody')
    await page.goto(`${originOf(name)}/profile`)
    await page.getByLabel('Username').fill(alice.username)
    await page.getByLabel('Password', { exact: true }).fill(alice.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Allow' }).click()
    await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible()
    expect(new URL(page.url()).pathname).toBe('/profile')
    await page.locator('#ask').click()
    await expect(page.locator('#answer')).toContainText('Alice Doe')
    expect(await versionOf(page)).toMatch(framework)
    await page.reload()
    await expect(page.locator('#name')).toHaveText('Alice Doe')
    await page.locator('#logout').click()
    // The page says "nobody" before it leaves for the provider.
    await page.waitForURL(`${originOf(name)}/`)
    await expect(page.locator('#name')).toHaveText('nobody')
    expect(problems).toEqual([])
  })
}

/** Which framework it is, by its own word. */
function versionOf(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      document.querySelector('[ng-version]')?.getAttribute('ng-version') ??
      document.querySelector('#version')?.textContent ??
      '',
  )
}
