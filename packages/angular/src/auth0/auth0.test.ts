import '@angular/compiler'
import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http'
import { provideRouter, Router } from '@angular/router'
import { apiOrigin, appOrigin, openWorld, type WorldOptions } from '@latchkey/browser/simulated-world'
import { firstValueFrom, take, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { openSimulatedApp } from '../simulated/simulated-app.ts'
import { openProvider } from '../test-app.ts'
import { readAllowedList } from './allowed-list.ts'
import { type Auth0AngularOptions, AuthService, authGuardFn, authHttpInterceptorFn, provideAuth0 } from './index.ts'

type House = Awaited<ReturnType<typeof openProvider>>

async function openBrowser(
  options: Partial<WorldOptions<House>> & { readonly app?: Partial<Auth0AngularOptions> } = {},
) {
  const world = await openWorld({ seed: 23, openProvider, ...options })
  const tab = world.browser.openTab(`${appOrigin}/`)
  const load = async (address?: string) => {
    const platform = await world.run(address === undefined ? tab.page() : tab.go(address))
    return openSimulatedApp(platform, [
      provideAuth0({ domain: 'https://id.example.com', client_id: 'app', ...options.app }),
      provideRouter([
        { path: 'notes', canActivate: [authGuardFn], children: [] },
        { path: '**', children: [] },
      ]),
      provideHttpClient(withInterceptors([authHttpInterceptorFn])),
    ])
  }
  /** A page of an app in which alice has signed in by redirect and come back. */
  const signedIn = async (appState?: unknown) => {
    const before = await load()
    await world.run(
      firstValueFrom(before.get(AuthService).loginWithRedirect(appState === undefined ? {} : { appState })),
    )
    return load()
  }
  return { world, tab, load, signedIn, run: world.run }
}

describe('AuthService', () => {
  test('features 28: says nothing of who is there until it is known; then who, with claims and application state', async () => {
    const { signedIn, run } = await openBrowser()
    const auth = (await signedIn({ target: '/notes' })).get(AuthService)
    const loading = firstValueFrom(auth.isLoading$.pipe(take(2), toArray()))
    const state = firstValueFrom(auth.appState$)
    expect(await run(firstValueFrom(auth.isAuthenticated$))).toBe(true)
    expect(await run(firstValueFrom(auth.user$))).toMatchObject({ aud: 'app' })
    expect(await run(firstValueFrom(auth.idTokenClaims$))).toMatchObject({ __raw: expect.stringMatching(/^eyJ/) })
    expect([await run(loading), await run(state)]).toEqual([[true, false], { target: '/notes' }])
  })

  test('gives tokens, alone or with what came along', async () => {
    const { signedIn, run } = await openBrowser()
    const auth = (await signedIn()).get(AuthService)
    const token = await run(firstValueFrom(auth.getAccessTokenSilently()))
    const detailed = await run(firstValueFrom(auth.getAccessTokenSilently({ detailedResponse: true })))
    expect(detailed).toMatchObject({ access_token: token, expires_in: 60 })
    const renewed = await run(firstValueFrom(auth.getAccessTokenSilently({ cacheMode: 'off' })))
    expect(renewed).not.toBe(token)
  })

  test('errors with login_required for a stranger, and tells error$', async () => {
    const { load, run } = await openBrowser({ username: null })
    const auth = (await load()).get(AuthService)
    const told = firstValueFrom(auth.error$)
    const asked = run(firstValueFrom(auth.getAccessTokenSilently()))
    await expect(asked).rejects.toMatchObject({ error: 'login_required' })
    expect(await run(told)).toMatchObject({ error: 'login_required' })
  })

  test('logout leaves for the provider, or ends the session here alone', async () => {
    const { signedIn, run, tab } = await openBrowser()
    const here = (await signedIn()).get(AuthService)
    await run(firstValueFrom(here.isAuthenticated$))
    const left = tab.visited.length
    await run(firstValueFrom(here.logout({ openUrl: false })))
    expect([await run(firstValueFrom(here.isAuthenticated$)), tab.visited.length]).toEqual([false, left])
    const there = (await signedIn()).get(AuthService)
    await run(firstValueFrom(there.isAuthenticated$))
    await run(firstValueFrom(there.logout({ logoutParams: { returnTo: `${appOrigin}/` } })))
    expect(tab.visited.at(-1)).toContain('/end-session?')
  })
})

describe('authGuardFn', () => {
  test('sends a stranger to sign in and back to the very target', async () => {
    const { load, run, tab } = await openBrowser()
    const router = (await load()).get(Router)
    await run(router.navigateByUrl('/notes?sort=date'))
    const back = await load()
    await run(firstValueFrom(back.get(AuthService).isAuthenticated$))
    expect(tab.href).toBe(`${appOrigin}/notes?sort=date`)
  })
})

describe('allowedList', () => {
  test('features 21: sends tokens to what it names, exactly, and to nothing else', async () => {
    const app = {
      httpInterceptor: { allowedList: [`${apiOrigin}/notes`, { uri: `${apiOrigin}/open`, allowAnonymous: true }] },
    }
    const { signedIn, run, world } = await openBrowser({ app })
    const http = (await signedIn()).get(HttpClient)
    for (const path of ['/notes', '/notes/7', '/notesx']) {
      await run(firstValueFrom(http.get(`${apiOrigin}${path}`)).catch(() => undefined))
    }
    expect(world.apiSaw).toEqual([expect.stringMatching(/^Bearer /), null, null])
  })

  test('allowAnonymous lets a stranger’s request go without a token; without it nothing is sent', async () => {
    const app = {
      httpInterceptor: { allowedList: [`${apiOrigin}/notes`, { uri: `${apiOrigin}/open`, allowAnonymous: true }] },
    }
    const { load, run, world } = await openBrowser({ username: null, app })
    const http = (await load()).get(HttpClient)
    const ask = (path: string) => run(firstValueFrom(http.get(`${apiOrigin}${path}`)).catch((error: unknown) => error))
    expect(await ask('/notes')).toMatchObject({ status: 0, error: { code: 'not_signed_in' } })
    await ask('/open')
    expect(world.apiSaw).toEqual([null])
  })

  test.each([
    ['/api', '/api', 'GET', true],
    ['/api', '/api/', 'GET', true],
    ['/api', '/api?page=2', 'GET', true],
    ['/api', '/api/notes', 'GET', false],
    ['/api/*', '/api/notes/7', 'GET', true],
    ['/api/*', '/api', 'GET', true],
    ['/api/*', '/apix', 'GET', false],
    ['/api/*', '/api/../admin', 'GET', false],
    ['/api/*', 'https://app.test.evil.example/api/notes', 'GET', false],
    ['https://api.example.com/*', 'https://api.example.com.evil.example/', 'GET', false],
    ['https://api.example.com/*', 'https://api.example.com@evil.example/', 'GET', false],
  ])('features 21: %s and a request to %s', (uri, url, method, allowed) => {
    expect(readAllowedList([uri], `${appOrigin}/`).find(url, method) !== undefined).toBe(allowed)
  })

  test('knows methods, and which token goes along', () => {
    const tokenOptions = { authorizationParams: { audience: 'https://api.example.com', scope: 'write' } }
    const list = readAllowedList([{ uri: '/api', httpMethod: 'post', tokenOptions }], `${appOrigin}/`)
    expect(list.find('/api', 'GET')).toBeUndefined()
    expect(list.find('/api', 'POST')).toEqual({
      authentication: 'required',
      resource: 'https://api.example.com',
      scope: 'write',
    })
  })

  test('features 21: a wildcard that could cross a host is refused', () => {
    expect(() => readAllowedList(['https://*.example.com/api', '/api*'], `${appOrigin}/`)).toThrow(
      'allowedList: "https://*.example.com/api": a wildcard stands only at the end, as /*',
    )
  })
})
