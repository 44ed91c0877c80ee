import { provideHttpClient, withInterceptors } from '@angular/common/http'
import { APP_INITIALIZER, type EnvironmentProviders, type Provider } from '@angular/core'
import { provideRouter, type Routes } from '@angular/router'
import type { AuthConfig } from '@latchkey/browser'
import { appClient, openWorld, type WorldOptions } from '@latchkey/browser/simulated-world'
import { client, testProvider, testRuntime } from '@latchkey/testing'
import { authInterceptor } from './auth.interceptor.ts'
import { openSimulatedApp } from './simulated/simulated-app.ts'

const lifetimes = { access_token: 60, refresh_token_grace: 0 }

export function openProvider(now: () => number) {
  return testProvider({ runtime: { ...testRuntime(), now }, moreClients: [client({ ...appClient })], lifetimes })
}

type House = Awaited<ReturnType<typeof openProvider>>
type Providers = readonly (Provider | EnvironmentProviders)[]

interface Browser extends Partial<WorldOptions<House>> {
  /** How the application is configured; it may ask what the world is like. */
  readonly provide: (config: AuthConfig) => Providers
  readonly routes?: Routes
}

/** A browser in which Angular applications run against a real provider. */
export async function openAngularBrowser({ provide, routes = [{ path: '**', children: [] }], ...options }: Browser) {
  const world = await openWorld({ seed: 19, openProvider, ...options })
  const tab = world.browser.openTab('https://app.test/')
  /** The app on the page that the tab shows now, or at `address`. */
  async function load(address?: string) {
    const platform = await world.run(address === undefined ? tab.page() : tab.go(address))
    const app = openSimulatedApp(platform, [
      ...provide(world.config),
      provideRouter(routes),
      provideHttpClient(withInterceptors([authInterceptor()])),
    ])
    // As Angular does at the start of an application, without waiting: the clock stands still.
    for (const initialize of app.get(APP_INITIALIZER, [])) Promise.resolve(initialize()).catch(() => undefined)
    return app
  }
  return { world, tab, load, run: world.run }
}
