import type { AuthState } from '@latchkey/browser'
import type { Page } from '@playwright/test'
import { unlessClosed } from '../closing.ts'
import { freePort, type ProviderProcess, startProvider, temporaryFolder } from '../processes/provider.ts'
import { type AppHost, appHost } from './app-host.ts'

export interface Person {
  readonly username: string
  readonly password: string
}

export const alice: Person = { username: 'alice', password: 'correct horse battery' }
export const bob: Person = { username: 'bob', password: 'staple by the thousand' }

export interface House {
  readonly app: AppHost
  /** The `Authorization` of each request that the application's own API got. */
  readonly apiSaw: (string | undefined)[]
  readonly provider: ProviderProcess
  close(): Promise<void>
}

/** Another site than everything at 127.0.0.1, on the same machine. */
export const elsewhere = 'localhost'

/**
 * An application and the real provider, each on a port of its own: one site where the page is opened at 127.0.0.1, two
 * where it is opened at `elsewhere`.
 */
export async function openHouse(
  scripts: Readonly<Record<string, URL>>,
  config: Readonly<Record<string, unknown>> = {},
): Promise<House> {
  const folder = temporaryFolder()
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const apiSaw: (string | undefined)[] = []
  const app = await appHost({
    scripts,
    api: ({ headers }) => void apiSaw.push(headers.authorization),
    settings: ({ headers }) => ({ issuer, clientId: headers.host?.startsWith(elsewhere) ? 'spa-elsewhere' : 'spa' }),
  })
  const client = (client_id: string, origin: string) => ({
    client_id,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['/', '/silent-callback.html', '/popup-callback.html'].map((path) => origin + path),
    post_logout_redirect_uris: [`${origin}/`],
    frontchannel_logout_uri: `${origin}/frontchannel-logout.html`,
    frontchannel_logout_session_required: true,
    require_consent: false,
  })
  const provider = await startProvider(folder.path, {
    port,
    users: [alice, bob],
    clients: [client('spa', app.origin()), client('spa-elsewhere', app.origin(elsewhere))],
    ...config,
  })
  return {
    app,
    apiSaw,
    provider,
    async close() {
      app.close()
      await provider.stop()
      folder.remove()
    },
  }
}

/** Opens the application with these parts. */
export async function open(page: Page, origin: string, parts = ''): Promise<Page> {
  await page.goto(`${origin}/?parts=${parts}`)
  await hasStarted(page)
  return page
}

/** Resolves when the application knows who is there; its script fetches settings first. */
export async function hasStarted(page: Page): Promise<void> {
  await page.waitForFunction(() => window.started !== undefined)
  await page.evaluate(() => window.started)
}

/** Fills in the provider's form, wherever the page has come from; it may be a window that closes after it. */
export async function fillIn(page: Page, { username, password }: Person): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await unlessClosed(page, page.getByRole('button', { name: 'Sign in' }).click())
}

/** Opens the application and signs in by redirect. */
export async function signedIn(page: Page, origin: string, parts = '', person = alice): Promise<Page> {
  await open(page, origin, parts)
  await page.evaluate(() => void window.auth.signIn())
  await fillIn(page, person)
  await page.waitForURL(`${origin}/**`)
  await hasStarted(page)
  return page
}

/** Signs out on the provider's own page; resolves when it says that it is done. */
export async function signOutAtProvider(page: Page, { issuer }: ProviderProcess): Promise<void> {
  await page.goto(`${issuer}/end-session`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
}

/** What the application knows once it has found out. */
export async function stateOf(page: Page): Promise<AuthState> {
  await hasStarted(page)
  return page.evaluate(() => window.auth.state)
}
