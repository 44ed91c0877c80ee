import { type Auth, type AuthConfig, createAuth } from '@latchkey/browser'
import { appClient, openWorld, type WorldOptions } from '@latchkey/browser/simulated-world'
import { client, testProvider, testRuntime } from '@latchkey/testing'
import { type ReactNode, StrictMode } from 'react'
import { AuthProvider, type AuthProviderProps } from './auth-provider.tsx'
import { openTestPage, type TestPage } from './test-page.ts'

const lifetimes = { access_token: 60, refresh_token_grace: 0 }

function openProvider(now: () => number) {
  return testProvider({ runtime: { ...testRuntime(), now }, moreClients: [client({ ...appClient })], lifetimes })
}

type House = Awaited<ReturnType<typeof openProvider>>

export interface ReactApp extends TestPage {
  readonly auth: Auth
}

/** A browser in which React applications run against a real provider; every page is in strict mode. */
export async function openReactWorld(options: Partial<WorldOptions<House>> = {}) {
  const world = await openWorld({ seed: 7, openProvider, ...options })
  const tab = world.browser.openTab('https://app.test/')
  const settled = <T,>(work: Promise<T>) => world.run(work)

  /** The app on the page that the tab shows now, or at `address`. */
  async function load(
    element: ReactNode,
    { address, config, ...props }: Partial<AuthProviderProps> & { address?: string; config?: Partial<AuthConfig> } = {},
  ): Promise<ReactApp> {
    const platform = await settled(address === undefined ? tab.page() : tab.go(address))
    const auth = createAuth({ ...world.config, ...config }, platform)
    const inApp = (what: ReactNode) => (
      <StrictMode>
        <AuthProvider auth={auth} {...props}>
          {what}
        </AuthProvider>
      </StrictMode>
    )
    const page = await openTestPage(inApp(element))
    await page.during(() => settled(auth.start().catch(() => undefined)))
    await page.during(() => world.browser.time.advance(1))
    return { ...page, auth, render: (what) => page.render(inApp(what)) }
  }

  /** The same page after a sign-in by redirect. */
  async function signedIn(element: ReactNode, config: Partial<AuthConfig> = {}): Promise<ReactApp> {
    const before = await load(null, { config })
    await settled(before.auth.signIn())
    return load(element, { config })
  }
  return { world, tab, load, signedIn, settled }
}
