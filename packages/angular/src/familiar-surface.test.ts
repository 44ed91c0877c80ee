import '@angular/compiler'
import { DOCUMENT } from '@angular/common'
import { firstValueFrom, of, throwError } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { AUTH_CLIENTS } from './auth-clients.ts'
import { StsConfigHttpLoader, StsConfigLoader, StsConfigStaticLoader } from './config-loader.ts'
import { AbstractLoggerService } from './logger.ts'
import { OidcSecurityService } from './oidc-security-service.ts'
import { LogLevel, type OpenIdConfiguration } from './open-id-configuration.ts'
import { provideAuth } from './provide-auth.ts'
import { EventTypes, PublicEventsService } from './public-events.ts'
import { AbstractSecurityStorage, DefaultLocalStorageService } from './security-storage.ts'
import { openAngularBrowser } from './test-app.ts'

const usual: OpenIdConfiguration = { authority: 'https://id.example.com', clientId: 'app' }

type Browser = Parameters<typeof openAngularBrowser>[0]

/** A page of an app in which alice has signed in by redirect and come back. */
async function signedIn(
  config: Partial<OpenIdConfiguration> = {},
  more: Browser['provide'] = () => [],
  between: NonNullable<Browser['between']> = (request, send) => send(request),
) {
  const browser = await openAngularBrowser({
    between,
    provide: (world) => [provideAuth({ config: { ...usual, ...config } }), ...more(world)],
  })
  const before = (await browser.load()).get(OidcSecurityService)
  await browser.run(before.authorize())
  const app = await browser.load()
  const oidc = app.get(OidcSecurityService)
  const events: unknown[] = []
  app
    .get(PublicEventsService)
    .registerForEvents()
    .subscribe((event) => events.push(event))
  const login = await browser.run(firstValueFrom(oidc.checkAuth()))
  return { ...browser, app, oidc, login, events }
}

function storageOver(kept: Map<string, string>): AbstractSecurityStorage {
  return {
    read: (key) => kept.get(key) ?? null,
    write: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  }
}

describe('what the token endpoint gave', () => {
  test('is there in the names of RFC 6749 §5.1, with the refresh token', async () => {
    const { oidc, run, login } = await signedIn({ scope: 'openid offline_access' })
    const result = await run(firstValueFrom(oidc.getAuthenticationResult()))
    const refreshToken = await run(firstValueFrom(oidc.getRefreshToken()))
    expect(result).toEqual({
      access_token: login.accessToken,
      token_type: 'Bearer',
      expires_in: 60,
      scope: expect.stringContaining('openid'),
      id_token: login.idToken,
      refresh_token: refreshToken,
    })
    expect(refreshToken).not.toBe('')
  })

  test('is null, and the tokens are empty, for a stranger', async () => {
    const { load, run } = await openAngularBrowser({ username: null, provide: () => [provideAuth({ config: usual })] })
    const oidc = (await load()).get(OidcSecurityService)
    expect(await run(firstValueFrom(oidc.getAuthenticationResult()))).toBeNull()
    expect(await run(firstValueFrom(oidc.getRefreshToken()))).toBe('')
    expect(await run(firstValueFrom(oidc.getPayloadFromIdToken()))).toBeNull()
  })

  test('gives the claims of the ID token, or the part that holds them; nothing of an opaque access token', async () => {
    const { oidc, run, login } = await signedIn()
    expect(await run(firstValueFrom(oidc.getPayloadFromIdToken()))).toMatchObject({ aud: 'app' })
    expect(await run(firstValueFrom(oidc.getPayloadFromIdToken(true)))).toBe(login.idToken.split('.')[1])
    expect(await run(firstValueFrom(oidc.getPayloadFromAccessToken()))).toBeNull()
  })
})

describe('userData', () => {
  test('has the userinfo endpoint’s claims with autoUserInfo, asked for once; without it nobody asks', async () => {
    const asked: string[] = []
    const told = (request: Request, send: (request: Request) => Promise<Response>) => {
      if (!request.url.endsWith('/userinfo')) return send(request)
      asked.push(request.method)
      return send(request).then(async (answer) => Response.json({ ...(await answer.json()), nickname: 'Al' }))
    }
    const withInfo = await signedIn({ autoUserInfo: true }, () => [], told)
    expect(withInfo.login.userData).toMatchObject({ nickname: 'Al', aud: 'app' })
    expect(withInfo.oidc.userData().userData).toMatchObject({ nickname: 'Al', aud: 'app' })
    expect(asked).toEqual(['GET'])
    const without = await signedIn({}, () => [], told)
    expect(without.login.userData).not.toHaveProperty('nickname')
    expect(asked).toEqual(['GET'])
  })

  test('OIDC Core §5.3.2: has nothing of an answer that speaks of another person', async () => {
    const { login } = await signedIn(
      { autoUserInfo: true },
      () => [],
      (request, send) =>
        request.url.endsWith('/userinfo')
          ? Promise.resolve(Response.json({ sub: 'mallory', nickname: 'Mal' }))
          : send(request),
    )
    expect(login.userData).toMatchObject({ aud: 'app' })
    expect(login.userData).not.toHaveProperty('nickname')
  })
})

describe('state', () => {
  test('given before the sign-in is there after it', async () => {
    const browser = await openAngularBrowser({ provide: () => [provideAuth({ config: usual })] })
    const before = (await browser.load()).get(OidcSecurityService)
    await browser.run(firstValueFrom(before.setState('basket 7')))
    await browser.run(before.authorize())
    const after = (await browser.load()).get(OidcSecurityService)
    await browser.run(firstValueFrom(after.checkAuth()))
    expect(await browser.run(firstValueFrom(after.getState()))).toBe('basket 7')
  })
})

describe('addresses', () => {
  test('of the sign-in and of the provider’s sign-out are given without leaving', async () => {
    const { oidc, run, tab } = await signedIn()
    const left = tab.visited.length
    const authorize = new URL(await run(firstValueFrom(oidc.getAuthorizeUrl({ ui_locales: 'de' }))))
    const endSession = new URL((await run(firstValueFrom(oidc.getEndSessionUrl({ ui_locales: 'de' })))) ?? '')
    expect([authorize.pathname, authorize.searchParams.get('ui_locales')]).toEqual(['/authorize', 'de'])
    expect([endSession.pathname, endSession.searchParams.get('ui_locales')]).toEqual(['/end-session', 'de'])
    expect(tab.visited.length).toBe(left)
  })

  test('go to the application’s urlHandler in place of the browser', async () => {
    const { oidc, run, tab } = await signedIn()
    const left = tab.visited.length
    const urls: string[] = []
    const urlHandler = (url: string) => urls.push(new URL(url).pathname)
    await run(oidc.authorize(undefined, { urlHandler }))
    await run(firstValueFrom(oidc.logoff(undefined, { urlHandler })))
    expect([urls, tab.visited.length, oidc.state().status]).toEqual([['/authorize', '/end-session'], left, 'anonymous'])
  })

  test('RFC 7009 §2.1: an application that leaves by itself has the refresh token revoked all the same', async () => {
    const { oidc, run, world } = await signedIn()
    await run(firstValueFrom(oidc.logoffAndRevokeTokens(undefined, { urlHandler: () => {} })))
    expect([world.revocations.length, oidc.state().status]).toEqual([1, 'anonymous'])
  })

  test('OIDC Discovery §3: the provider’s endpoints, by their familiar names', async () => {
    const { oidc, run } = await signedIn()
    expect(await run(firstValueFrom(oidc.preloadAuthWellKnownDocument()))).toMatchObject({
      issuer: usual.authority,
      tokenEndpoint: `${usual.authority}/token`,
      parEndpoint: `${usual.authority}/par`,
    })
  })
})

describe('configurations', () => {
  test('are there as they were given', async () => {
    const { oidc, run } = await signedIn({ logLevel: LogLevel.None })
    expect(oidc.getConfigurations()).toEqual([expect.objectContaining({ ...usual, logLevel: LogLevel.None })])
    expect(await run(firstValueFrom(oidc.getConfiguration('default')))).toMatchObject(usual)
    expect(await run(firstValueFrom(oidc.getConfiguration('other')))).toBeNull()
  })

  test.each([
    ['a static loader', () => new StsConfigStaticLoader(usual)],
    ['a request', () => new StsConfigHttpLoader(of(usual))],
    ['several requests', () => new StsConfigHttpLoader([of(usual), of({ ...usual, configId: 'second' })])],
  ])('may come from %s', async (_, useFactory) => {
    const browser = await openAngularBrowser({
      provide: () => [provideAuth({ loader: { provide: StsConfigLoader, useFactory } })],
    })
    const app = await browser.load()
    expect(app.get(OidcSecurityService).authenticated().isAuthenticated).toBeUndefined()
    const login = await browser.run(firstValueFrom(app.get(OidcSecurityService).checkAuth()))
    expect(login).toMatchObject({ isAuthenticated: false, configId: 'default' })
    expect(app.get(AUTH_CLIENTS).all[0]?.config.issuer).toBe(usual.authority)
  })

  test('that cannot be loaded are told to whoever asks, and to the listeners', async () => {
    const useFactory = () => new StsConfigHttpLoader(throwError(() => new Error('the configuration is away')))
    const browser = await openAngularBrowser({
      provide: () => [
        provideAuth({ loader: { provide: StsConfigLoader, useFactory } }),
        { provide: AbstractLoggerService, useValue: { logError: () => {}, logWarning: () => {}, logDebug: () => {} } },
      ],
    })
    const app = await browser.load()
    const types: number[] = []
    app
      .get(PublicEventsService)
      .registerForEvents()
      .subscribe(({ type }) => types.push(type))
    const asked = firstValueFrom(app.get(OidcSecurityService).checkAuth())
    await expect(browser.run(asked)).rejects.toThrow('the configuration is away')
    expect(types).toEqual([EventTypes.ConfigLoadingFailed])
  })
})

describe('events', () => {
  test('features 30: tell of the sign-in and of renewals, and never hold a token', async () => {
    const { oidc, run, events } = await signedIn()
    await run(firstValueFrom(oidc.forceRefreshSession()))
    const types = events.map((event) => (event as { type: number }).type)
    expect(types.filter((type) => type === EventTypes.NewAuthenticationResult)).toHaveLength(2)
    expect(types).toEqual(
      expect.arrayContaining([
        EventTypes.ConfigLoaded,
        EventTypes.CheckingAuth,
        EventTypes.CheckingAuthFinished,
        EventTypes.UserDataChanged,
        EventTypes.SilentRenewStarted,
      ]),
    )
    expect(JSON.stringify(events)).not.toMatch(/eyJ|[0-9a-f]{11}[\w-]{43}/)
  })

  test('stsCallback$ tells that a sign-in is back', async () => {
    const browser = await openAngularBrowser({ provide: () => [provideAuth({ config: usual })] })
    await browser.run((await browser.load()).get(OidcSecurityService).authorize())
    const oidc = (await browser.load()).get(OidcSecurityService)
    let callbacks = 0
    oidc.stsCallback$.subscribe(() => {
      callbacks++
    })
    await browser.run(firstValueFrom(oidc.checkAuth()))
    expect(callbacks).toBe(1)
  })
})

describe('an application’s own storage and log', () => {
  test('the session outlives a reload in the storage, and is gone from it after the sign-out', async () => {
    const kept = new Map<string, string>()
    const useValue = storageOver(kept)
    const browser = await signedIn({}, () => [{ provide: AbstractSecurityStorage, useValue }])
    expect(kept.size).toBe(1)
    browser.world.browser.cookies.clear()
    const reloaded = (await browser.load('https://app.test/')).get(OidcSecurityService)
    expect(await browser.run(firstValueFrom(reloaded.checkAuth()))).toMatchObject({ isAuthenticated: true })
    await browser.run(reloaded.logoffLocalMultiple())
    expect(kept.size).toBe(0)
  })

  test('a provider that is away keeps nobody signed in who leaves by the application’s urlHandler', async () => {
    let away = false
    const useValue = storageOver(new Map())
    const { load, run } = await signedIn(
      {},
      () => [{ provide: AbstractSecurityStorage, useValue }],
      (request, send) => (away ? Promise.reject(new TypeError('Failed to fetch')) : send(request)),
    )
    away = true
    const oidc = (await load('https://app.test/')).get(OidcSecurityService)
    expect(await run(firstValueFrom(oidc.isAuthenticated()))).toBe(true)
    const urls: string[] = []
    await run(firstValueFrom(oidc.logoff(undefined, { urlHandler: (url) => urls.push(url) })))
    expect([urls, oidc.state().status]).toEqual([[], 'anonymous'])
  })

  test('HTML §12.2.2: a browser that blocks storage keeps no application from starting', async () => {
    const blocked = {
      get localStorage(): never {
        throw new DOMException('denied', 'SecurityError')
      },
    }
    const { login } = await signedIn({}, () => [
      { provide: DOCUMENT, useValue: { defaultView: blocked } },
      { provide: AbstractSecurityStorage, useClass: DefaultLocalStorageService },
    ])
    expect(login).toMatchObject({ isAuthenticated: true })
  })

  test('features 30: at the level Debug the log tells each change of state, and no token', async () => {
    const lines: unknown[][] = []
    const log = (...line: unknown[]) => void lines.push(line)
    const useValue = { logError: log, logWarning: log, logDebug: log }
    const { oidc, run } = await signedIn({ logLevel: LogLevel.Debug }, () => [
      { provide: AbstractLoggerService, useValue },
    ])
    await run(firstValueFrom(oidc.forceRefreshSession()))
    expect(lines.flat()).toEqual(
      expect.arrayContaining([
        '[latchkey] default: authenticated, renewals: 0',
        '[latchkey] default: authenticated, renewals: 1',
      ]),
    )
    expect(JSON.stringify(lines)).not.toMatch(/eyJ|[0-9a-f]{11}[\w-]{43}/)
  })
})
