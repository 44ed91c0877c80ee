import '@angular/compiler'
import { Location } from '@angular/common'
import { provideRouter, Router } from '@angular/router'
import { type Platform, ProtocolError } from '@latchkey/browser'
import { appClient, openWorld, type WorldOptions } from '@latchkey/browser/simulated-world'
import { client, testProvider, testRuntime } from '@latchkey/testing'
import { firstValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { OidcSecurityService } from './oidc-security-service.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'
import { provideAuth } from './provide-auth.ts'
import { openSimulatedApp } from './simulated/simulated-app.ts'

const lifetimes = { access_token: 60, refresh_token_grace: 0 }
const openProvider = (now: () => number) =>
  testProvider({ runtime: { ...testRuntime(), now }, moreClients: [client({ ...appClient })], lifetimes })
type House = Awaited<ReturnType<typeof openProvider>>

const authority = 'https://id.example.com'
const usual: OpenIdConfiguration = { authority, clientId: 'app' }

function openApp(platform: Platform, config: OpenIdConfiguration | readonly OpenIdConfiguration[] = usual) {
  const app = openSimulatedApp(platform, [provideAuth({ config }), provideRouter([{ path: '**', children: [] }])])
  return { app, oidc: app.get(OidcSecurityService) }
}

async function openBrowser(options: Partial<WorldOptions<House>> = {}) {
  const world = await openWorld({ seed: 11, openProvider, ...options })
  const tab = world.browser.openTab('https://app.test/')
  /** The app on the page that the tab shows now, or at `address`. */
  const load = async (address?: string, config?: OpenIdConfiguration | readonly OpenIdConfiguration[]) =>
    openApp(await world.run(address === undefined ? tab.page() : tab.go(address)), config)
  return { world, tab, load }
}

/** A page of an app in which alice has signed in by redirect and come back. */
async function signedIn(options?: Partial<WorldOptions<House>>) {
  const browser = await openBrowser(options)
  const { oidc } = await browser.load()
  await browser.world.run(oidc.authorize())
  const page = await browser.load()
  const login = await browser.world.run(firstValueFrom(page.oidc.checkAuth()))
  return { ...browser, ...page, login }
}

describe('checkAuth', () => {
  test('completes a sign-in that came back: who, both tokens, and which configuration', async () => {
    const { login, oidc, world } = await signedIn()
    expect(login).toMatchObject({ isAuthenticated: true, configId: 'default' })
    expect(login.userData).toMatchObject({ iss: authority, aud: 'app' })
    expect(login.accessToken).toBe(oidc.getToken())
    expect(login.idToken).toBe(await world.run(firstValueFrom(oidc.getIdToken())))
    expect(login.errorMessage).toBeUndefined()
  })

  test('says calmly that nobody is signed in', async () => {
    const { load, world } = await openBrowser({ username: null })
    const { oidc } = await load()
    expect(await world.run(firstValueFrom(oidc.checkAuth()))).toEqual({
      isAuthenticated: false,
      userData: null,
      accessToken: '',
      idToken: '',
      configId: 'default',
    })
  })

  test('gives every caller the same answer, however often it is asked', async () => {
    const { load, world } = await openBrowser()
    const first = await load()
    await world.run(first.oidc.authorize())
    const { oidc } = await load()
    const logins = await world.run(Promise.all([1, 2, 3].map(() => firstValueFrom(oidc.checkAuth()))))
    expect(new Set(logins.map((login) => login.accessToken)).size).toBe(1)
    expect(world.tokenRequests).toHaveLength(1)
  })

  test('takes the router back to where the person was, when it comes after the first navigation', async () => {
    const { load, world, tab } = await openBrowser()
    const { oidc: before } = await load('https://app.test/')
    await world.run(before.authorize(undefined, { returnTo: '/notes?page=2#top' }))
    const { app, oidc } = await load()
    expect(tab.href).toContain('code=')
    await world.run(app.get(Router).navigateByUrl(app.get(Location).path()))
    await world.run(firstValueFrom(oidc.checkAuth()))
    expect(app.get(Router).url).toBe('/notes?page=2#top')
    expect(tab.href).toBe('https://app.test/notes?page=2#top')
  })

  test('RFC 9207 §2.4: tells of a foreign issuer in errorMessage, and errors no subscriber', async () => {
    const { load, world, tab } = await openBrowser()
    await world.run((await load()).oidc.authorize())
    await world.run(tab.page())
    const { oidc } = await load(tab.href.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fevil.test'))
    const login = await world.run(firstValueFrom(oidc.checkAuth()))
    expect(login.errorMessage).toContain('another provider')
  })

  test('a sign-in that failed is no answer to who is there: nobody, and whoever signs in later', async () => {
    const { load, world, tab } = await openBrowser()
    await world.run((await load()).oidc.authorize())
    await world.run(tab.page())
    const { oidc } = await load(tab.href.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fevil.test'))
    world.browser.cookies.clear()
    const ask = () => Promise.all([firstValueFrom(oidc.isAuthenticated()), firstValueFrom(oidc.getUserData())])
    expect(await world.run(ask())).toEqual([false, null])
    await world.signedIn()
    await world.browser.time.advance(1)
    expect(await world.run(ask())).toEqual([true, expect.objectContaining({ aud: 'app' })])
    const login = await world.run(firstValueFrom(oidc.checkAuth()))
    expect([login.isAuthenticated, login.accessToken]).toEqual([true, oidc.getToken()])
  })

  test('refuses to complete another address than that of the page', async () => {
    const { load, world } = await openBrowser()
    const { oidc } = await load()
    await expect(world.run(firstValueFrom(oidc.checkAuth('https://app.test/?code=a&state=b')))).rejects.toThrow(
      'only the address of this very page',
    )
  })

  test('names the configurations there are when it is asked for another', async () => {
    const { load, world } = await openBrowser()
    const { oidc } = await load()
    await expect(world.run(firstValueFrom(oidc.checkAuth(undefined, 'crm')))).rejects.toThrow(
      'configId: "crm" is not configured; configured are "default"',
    )
  })

  test('checkAuthMultiple answers for each configuration', async () => {
    const { load, world } = await openBrowser()
    const { oidc } = await load(undefined, [usual, { ...usual, configId: 'second', scope: 'openid' }])
    const logins = await world.run(firstValueFrom(oidc.checkAuthMultiple()))
    expect(logins.map((login) => login.configId)).toEqual(['default', 'second'])
  })
})

describe('what templates watch', () => {
  test('features 28: isAuthenticated$ and the signal say nothing false before anyone knows', async () => {
    const { load, world } = await openBrowser()
    await world.run((await load()).oidc.authorize())
    const { oidc } = await load()
    const emitted: boolean[] = []
    oidc.isAuthenticated$.subscribe(({ isAuthenticated }) => emitted.push(isAuthenticated))
    expect([emitted, oidc.authenticated().isAuthenticated, oidc.state().status]).toEqual([[], undefined, 'unknown'])
    await world.run(firstValueFrom(oidc.checkAuth()))
    expect([emitted, oidc.authenticated().isAuthenticated, oidc.state().status]).toEqual([
      [true],
      true,
      'authenticated',
    ])
  })

  test('isAuthenticated$ speaks of all configurations only when each is known', async () => {
    const { load, world } = await openBrowser({ username: null })
    const { oidc } = await load(undefined, [usual, { ...usual, configId: 'second', scope: 'openid' }])
    const emitted: unknown[] = []
    oidc.isAuthenticated$.subscribe((result) => emitted.push(result))
    await world.run(firstValueFrom(oidc.checkAuth()))
    expect(emitted).toEqual([])
    await world.run(firstValueFrom(oidc.checkAuth(undefined, 'second')))
    expect(emitted).toEqual([
      {
        isAuthenticated: false,
        allConfigsAuthenticated: [
          { configId: 'default', isAuthenticated: false },
          { configId: 'second', isAuthenticated: false },
        ],
      },
    ])
  })

  test('a renewal changes the state and nothing that concerns the person', async () => {
    const { oidc, world } = await signedIn()
    const [authenticated, states]: [unknown[], unknown[]] = [[], []]
    oidc.isAuthenticated$.subscribe((result) => authenticated.push(result))
    oidc.state$.subscribe((state) => states.push(state))
    await world.run(firstValueFrom(oidc.forceRefreshSession()))
    expect([authenticated.length, states.length]).toEqual([1, 2])
    expect(oidc.state()).toMatchObject({ status: 'authenticated', renewals: 1 })
  })

  test('userData$ follows who is signed in', async () => {
    const { oidc, world } = await signedIn()
    const people: unknown[] = []
    oidc.userData$.subscribe(({ userData }) => people.push(userData?.iss ?? null))
    await world.run(oidc.logoffLocal())
    expect(people).toEqual([authority, null])
    expect(oidc.userData()).toEqual({ userData: null, allUserData: [{ configId: 'default', userData: null }] })
  })
})

describe('tokens', () => {
  test('features 27: callers during a renewal get the new token, never an empty one', async () => {
    const { oidc, world, login } = await signedIn()
    await world.browser.time.advance(61)
    const tokens = await world.run(Promise.all(Array.from({ length: 20 }, () => firstValueFrom(oidc.getAccessToken()))))
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).toMatch(/./)
    expect(tokens[0]).not.toBe(login.accessToken)
    expect(world.refreshes()).toBe(1)
  })

  test('features 32: the synchronous getToken gives no expired token', async () => {
    const { oidc, world, login } = await signedIn()
    expect(oidc.getToken()).toBe(login.accessToken)
    await world.browser.time.advance(61)
    expect(oidc.getToken()).toBe('')
  })

  test('getTokenSilently$ renews on ignoreCache, and errors with not_signed_in when nobody is there', async () => {
    const { oidc, world, login } = await signedIn()
    expect(await world.run(firstValueFrom(oidc.getTokenSilently$()))).toBe(login.accessToken)
    expect(await world.run(firstValueFrom(oidc.getTokenSilently$({ ignoreCache: true })))).not.toBe(login.accessToken)
    await world.run(oidc.logoffLocal())
    const error = await world.run(firstValueFrom(oidc.getTokenSilently$()).catch((reason: unknown) => reason))
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: 'not_signed_in' })
  })

  test('getAccessToken is empty when nobody is signed in', async () => {
    const { load, world } = await openBrowser({ username: null })
    const { oidc } = await load()
    expect(await world.run(firstValueFrom(oidc.getAccessToken()))).toBe('')
  })
})

describe('the end of a session', () => {
  test('RFC 7009 §2.1: revokeRefreshToken ends the session at the provider and says so here', async () => {
    const { oidc, world, login } = await signedIn()
    await world.run(firstValueFrom(oidc.revokeRefreshToken(), { defaultValue: undefined }))
    expect(oidc.state()).toEqual({ status: 'anonymous', because: 'revoked' })
    const headers = { authorization: `Bearer ${login.accessToken}` }
    expect((await world.house.request('/userinfo', { headers })).status).toBe(401)
  })

  test('RFC 7009 §2.1: revokeAccessToken spends the token alone; the next caller has another', async () => {
    const { oidc, world, login } = await signedIn()
    await world.run(firstValueFrom(oidc.revokeAccessToken(), { defaultValue: undefined }))
    const next = await world.run(firstValueFrom(oidc.getAccessToken()))
    expect(next).not.toBe(login.accessToken)
    expect((await world.house.request('/userinfo', { headers: { authorization: `Bearer ${next}` } })).status).toBe(200)
  })

  test('logoff goes through the provider and comes back signed out', async () => {
    const { oidc, world, load, tab } = await signedIn()
    await world.run(firstValueFrom(oidc.logoff(), { defaultValue: undefined }))
    const { oidc: after } = await load()
    expect(tab.visited.at(-1)).toContain('/end-session')
    expect((await world.run(firstValueFrom(after.checkAuth()))).isAuthenticated).toBe(false)
  })

  test('nothing is done before an Observable is subscribed to', async () => {
    const { oidc, world } = await signedIn()
    oidc.logoff()
    oidc.revokeRefreshToken()
    await world.browser.time.advance(1)
    expect([oidc.state().status, world.revocations.length]).toEqual(['authenticated', 0])
  })
})
