import '@angular/compiler'
import { provideRouter, Router, type Routes } from '@angular/router'
import { appClient, openWorld, type WorldOptions } from '@latchkey/browser/simulated-world'
import { client, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { authGuard, authGuardWith, autoLoginPartialRoutesGuardWithConfig } from './auth.guard.ts'
import { AUTH_CLIENTS } from './auth-clients.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'
import { provideAuth } from './provide-auth.ts'
import { openSimulatedApp } from './simulated/simulated-app.ts'

const lifetimes = { access_token: 60, refresh_token_grace: 0 }
const openProvider = (now: () => number) =>
  testProvider({ runtime: { ...testRuntime(), now }, moreClients: [client({ ...appClient })], lifetimes })
type House = Awaited<ReturnType<typeof openProvider>>

const routes: Routes = [
  { path: 'notes', canActivate: [authGuard], children: [] },
  { path: 'matched', canMatch: [authGuard], children: [{ path: '**', children: [] }] },
  { path: 'second', canActivate: [authGuard], data: { configId: 'second', secret: 'of the route' }, children: [] },
  { path: 'named', canActivate: [autoLoginPartialRoutesGuardWithConfig('second')], children: [] },
  { path: 'pay', canActivate: [authGuardWith({ scope: 'pay' })], children: [] },
  { path: 'sorry', children: [] },
  { path: '', pathMatch: 'full', children: [] },
  { path: '**', children: [] },
]

interface BrowserOptions extends Partial<WorldOptions<House>> {
  readonly config?: Partial<OpenIdConfiguration>
}

async function openBrowser({ config = {}, ...options }: BrowserOptions = {}) {
  const world = await openWorld({ seed: 5, openProvider, ...options })
  const tab = world.browser.openTab('https://app.test/')
  const usual = { authority: world.house.issuer, clientId: 'app', ...config }
  const load = async (address?: string) => {
    const app = openSimulatedApp(await world.run(address === undefined ? tab.page() : tab.go(address)), [
      provideAuth({ config: [usual, { ...usual, configId: 'second', scope: 'openid' }] }),
      provideRouter(routes),
    ])
    const router = app.get(Router)
    const clients = app.get(AUTH_CLIENTS)
    return { router, clients, go: (url: string) => world.run(router.navigateByUrl(url)) }
  }
  /** The same, after alice has come back from the provider. */
  const loadSignedIn = async () => {
    const { clients } = await load()
    await world.run(clients.get().signIn())
    const page = await load()
    await world.run(page.clients.get().start())
    return page
  }
  return { world, tab, load, loadSignedIn }
}

const signIns = (visited: readonly string[]) => visited.filter((url) => url.includes('/authorize'))

describe('somebody who is signed in', () => {
  test('passes', async () => {
    const { loadSignedIn } = await openBrowser()
    const { router, go } = await loadSignedIn()
    expect(await go('/notes?page=2')).toBe(true)
    expect(router.url).toBe('/notes?page=2')
  })

  test('features 28: passes although nobody knew yet when the navigation began, as the provider knows', async () => {
    const { load, loadSignedIn, tab } = await openBrowser()
    await loadSignedIn()
    const before = signIns(tab.visited).length
    const { clients, go } = await load('https://app.test/')
    expect(clients.get().state.status).toBe('unknown')
    expect(await go('/notes')).toBe(true)
    expect(signIns(tab.visited)).toHaveLength(before)
  })

  test('has an expired token renewed instead of being sent to the provider', async () => {
    const { loadSignedIn, world, tab } = await openBrowser()
    const { go } = await loadSignedIn()
    const before = signIns(tab.visited).length
    await world.browser.time.advance(61)
    expect(await go('/notes')).toBe(true)
    expect([world.refreshes(), signIns(tab.visited).length]).toEqual([1, before])
  })

  test('features 23: passes while the provider is away, as that ends no session', async () => {
    const away = { now: false }
    const { loadSignedIn, world } = await openBrowser({
      between: async (request, send) => {
        if (away.now) throw new TypeError('network')
        return send(request)
      },
    })
    const { go } = await loadSignedIn()
    await world.browser.time.advance(61)
    away.now = true
    expect(await go('/notes')).toBe(true)
  })
})

describe('somebody who is not signed in', () => {
  test('goes to the provider and comes back to where they wanted to go, query and fragment included', async () => {
    const { load, tab, world } = await openBrowser()
    const { go } = await load()
    expect(await go('/notes?page=2#top')).toBe(false)
    const { clients, go: goAgain } = await load()
    await world.run(clients.get().start())
    expect(tab.href).toBe('https://app.test/notes?page=2#top')
    expect(await goAgain('/notes?page=2#top')).toBe(true)
    expect(signIns(tab.visited)).toHaveLength(1)
  })

  test('canMatch keeps the whole target too', async () => {
    const { load, tab, world } = await openBrowser()
    await (await load()).go('/matched/deep?page=2#top')
    await world.run((await load()).clients.get().start())
    expect(tab.href).toBe('https://app.test/matched/deep?page=2#top')
  })

  test('features 31: nothing of a route’s data reaches the provider', async () => {
    const { load, tab } = await openBrowser()
    await (await load()).go('/second')
    expect(signIns(tab.visited)).toHaveLength(1)
    expect(decodeURIComponent(tab.visited.join())).not.toContain('of the route')
  })

  test.each(['/second', '/named'])('%s signs in with the configuration that it names', async (path) => {
    const { load, tab } = await openBrowser()
    await (await load()).go(path)
    expect(new URL(signIns(tab.visited)[0] ?? '').searchParams.get('scope')).toBe('openid')
  })
})

describe('after a sign-in that failed', () => {
  /** The provider’s answer carries a foreign issuer, so that it is refused. @spec RFC 9207 §2.4 */
  async function failed(config: Partial<OpenIdConfiguration> = {}) {
    const silent = { refused: false }
    const browser = await openBrowser({
      config,
      between: (request, send) => {
        const isSilent = silent.refused && request.url.includes('prompt=none')
        return isSilent ? Promise.reject(new TypeError('network')) : send(request)
      },
    })
    await (await browser.load()).go('/notes')
    await browser.world.run(browser.tab.page())
    silent.refused = true
    const page = await browser.load(browser.tab.href.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fevil.test'))
    return { ...browser, ...page, before: signIns(browser.tab.visited).length }
  }

  test('nobody is sent to the provider again by itself: the start page comes first', async () => {
    const { go, router, tab, before } = await failed()
    await go('/notes')
    expect(router.url).toBe('/')
    expect(signIns(tab.visited)).toHaveLength(before)
  })

  test('unauthorizedRoute names another place for that', async () => {
    const { go, router } = await failed({ unauthorizedRoute: '/sorry' })
    await go('/notes')
    expect(router.url).toBe('/sorry')
  })

  test('a person who tries once more is sent to the provider', async () => {
    const { go, tab, before } = await failed()
    await go('/notes')
    expect(await go('/notes')).toBe(false)
    expect(signIns(tab.visited)).toHaveLength(before + 1)
  })

  test('a guarded unauthorizedRoute makes the navigation fail with the reason instead of going round', async () => {
    const { go } = await failed({ unauthorizedRoute: '/notes' })
    await expect(go('/notes')).rejects.toThrow('another provider')
  })

  test('whoever has signed in since is asked for what a route needs more, as if nothing had failed', async () => {
    const { go, router, tab, world, before } = await failed({ forbiddenRoute: '/sorry' })
    await go('/notes')
    await world.signedIn()
    await world.browser.time.advance(1)
    expect([await go('/pay'), router.url]).toEqual([false, '/'])
    expect(new URL(signIns(tab.visited)[before] ?? '').searchParams.get('scope')).toContain('pay')
  })
})
