import '@angular/compiler'
import {
  HTTP_INTERCEPTORS,
  HttpClient,
  HttpErrorResponse,
  provideHttpClient,
  withInterceptors,
  withInterceptorsFromDi,
} from '@angular/common/http'
import { apiOrigin, appClient, openWorld, type WorldOptions } from '@latchkey/browser/simulated-world'
import { client, testProvider, testRuntime } from '@latchkey/testing'
import { firstValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { AuthInterceptor, authInterceptor } from './auth.interceptor.ts'
import { AUTH_CLIENTS } from './auth-clients.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'
import { provideAuth } from './provide-auth.ts'
import { openSimulatedApp } from './simulated/simulated-app.ts'

const lifetimes = { access_token: 60, refresh_token_grace: 0 }
const openProvider = (now: () => number) =>
  testProvider({ runtime: { ...testRuntime(), now }, moreClients: [client({ ...appClient })], lifetimes })
type House = Awaited<ReturnType<typeof openProvider>>

const doors = {
  'authInterceptor()': [provideHttpClient(withInterceptors([authInterceptor()]))],
  'the class AuthInterceptor': [
    provideHttpClient(withInterceptorsFromDi()),
    { provide: HTTP_INTERCEPTORS, useClass: AuthInterceptor, multi: true },
  ],
}

interface AppOptions extends Partial<WorldOptions<House>> {
  readonly config?: Partial<OpenIdConfiguration> | readonly OpenIdConfiguration[]
  readonly door?: (typeof doors)[keyof typeof doors]
}

/** An app whose HttpClient goes through the interceptor, in a browser where alice has signed in by redirect. */
async function signedInApp({ config = {}, door = doors['authInterceptor()'], ...options }: AppOptions = {}) {
  const world = await openWorld({ seed: 7, openProvider, ...options })
  const { tab } = await world.signedIn()
  const platform = await world.run(tab.go('https://app.test/'))
  const usual = { authority: world.house.issuer, clientId: 'app', secureRoutes: [apiOrigin] }
  const app = openSimulatedApp(platform, [
    provideAuth({ config: isList(config) ? config : { ...usual, ...config } }),
    ...door,
  ])
  const http = app.get(HttpClient)
  const get = (url: string, headers: Record<string, string> = {}) =>
    firstValueFrom(http.get(url, { observe: 'response', headers })).then(
      (response) => response.status,
      (error: HttpErrorResponse) => error,
    )
  return { world, app, http, get, auth: app.get(AUTH_CLIENTS).get() }
}

function isList(config: AppOptions['config']): config is readonly OpenIdConfiguration[] {
  return Array.isArray(config)
}

/** How an API judges that asks the provider about every token. */
const asksProvider = (house: House) => async (authorization: string | null) => {
  const headers = { authorization: authorization ?? '' }
  return (await house.request('/userinfo', { headers })).status === 200
}

describe.each(Object.entries(doors))('%s', (_name, door) => {
  test('RFC 6750 §2.1: puts the access token on a secure route', async () => {
    const { world, get, auth } = await signedInApp({ door })
    expect(await world.run(get(`${apiOrigin}/messages?page=2`))).toBe(200)
    expect(world.apiSaw).toEqual([`Bearer ${auth.peekAccessToken()}`])
  })

  test('features 28: a request made before anyone knows who is there waits, and then carries the token', async () => {
    const { world, get, auth } = await signedInApp({ door })
    expect(auth.state.status).toBe('unknown')
    await world.run(get(apiOrigin))
    expect(world.apiSaw).toEqual([expect.stringMatching(/^Bearer .+/)])
  })

  test('a 401 brings one renewal and one replay', async () => {
    const { world, get, auth } = await signedInApp({ door })
    await world.run(auth.start())
    const old = auth.peekAccessToken()
    world.apiAccepts = async (authorization) => authorization !== `Bearer ${old}`
    expect(await world.run(get(apiOrigin))).toBe(200)
    expect(world.apiSaw).toEqual([`Bearer ${old}`, `Bearer ${auth.peekAccessToken()}`])
    expect(world.refreshes()).toBe(1)
  })
})

describe('where tokens go', () => {
  const elsewhere = async (config: Partial<OpenIdConfiguration>, urls: readonly string[]) => {
    const seen: (string | null)[] = []
    const app = await signedInApp({
      config,
      between: async (request, send) => {
        if (request.url.startsWith('https://id.example.com/')) return send(request)
        seen.push(request.headers.get('authorization'))
        return Response.json({})
      },
    })
    for (const url of urls) await app.world.run(app.get(url))
    expect(seen).toHaveLength(urls.length)
    return seen.filter((authorization) => authorization !== null)
  }

  test('features 21: no token goes to an address that only begins like a secure route', async () => {
    const urls = [
      'https://api.example.com.evil.test/messages',
      'https://evil.test/https://api.example.com/',
      'http://api.example.com/messages',
      'https://api.example.com:8443/messages',
      'https://sub.api.example.com/messages',
    ]
    expect(await elsewhere({ secureRoutes: [apiOrigin] }, urls)).toEqual([])
    const { app } = await signedInApp()
    expect(app.get(AUTH_CLIENTS).forUrl('https://api.example.com@evil.test/messages')).toBeUndefined()
  })

  test('features 21: a path is compared by whole segments, after dots are resolved', async () => {
    const urls = ['/apix', '/api/../admin', '/api/%2e%2e/admin', '/api%2fmessages', 'https://evil.test/api']
    expect(await elsewhere({ secureRoutes: ['/api'] }, urls)).toEqual([])
    expect(await elsewhere({ secureRoutes: ['/api'] }, ['/api', '/api/messages?page=2'])).toHaveLength(2)
  })

  test('no token goes anywhere when no route is secure', async () => {
    expect(await elsewhere({ secureRoutes: [] }, ['/api', 'https://app.test/', apiOrigin])).toEqual([])
  })

  test('a request that already says who it is stays as it is', async () => {
    const { world, get } = await signedInApp()
    await world.run(get(apiOrigin, { Authorization: 'Basic YTpi' }))
    expect(world.apiSaw).toEqual(['Basic YTpi'])
  })

  test('each configuration has its own routes and its own token', async () => {
    const config = [
      { configId: 'a', authority: 'https://id.example.com', clientId: 'app', secureRoutes: [`${apiOrigin}/a`] },
      {
        configId: 'b',
        authority: 'https://id.example.com',
        clientId: 'app',
        scope: 'openid',
        secureRoutes: [`${apiOrigin}/b`],
      },
    ]
    const { world, get, app } = await signedInApp({ config })
    await world.run(get(`${apiOrigin}/a/1`))
    await world.run(get(`${apiOrigin}/b/1`))
    await world.run(get(`${apiOrigin}/c/1`))
    const tokens = app.get(AUTH_CLIENTS).all.map((auth) => auth.peekAccessToken())
    expect(new Set(tokens).size).toBe(2)
    expect(world.apiSaw).toEqual([`Bearer ${tokens[0]}`, `Bearer ${tokens[1]}`, null])
  })
})

describe('when the access token has expired', () => {
  test('features 32: it is renewed before the request goes out, never attached as it is', async () => {
    const { world, get, auth } = await signedInApp()
    world.apiAccepts = asksProvider(world.house)
    await world.run(get(apiOrigin))
    const old = auth.peekAccessToken()
    await world.browser.time.advance(61)
    expect(await world.run(get(apiOrigin))).toBe(200)
    expect(world.apiSaw).toHaveLength(2)
    expect(world.apiSaw[1]).not.toBe(`Bearer ${old}`)
  })

  test('features 27: 20 requests at once wait for one renewal, and none goes out without a token', async () => {
    const { world, get } = await signedInApp()
    world.apiAccepts = asksProvider(world.house)
    await world.run(get(apiOrigin))
    await world.browser.time.advance(61)
    const statuses = await world.run(Promise.all(Array.from({ length: 20 }, () => get(apiOrigin))))
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 200))
    expect(world.refreshes()).toBe(1)
    expect(new Set(world.apiSaw.slice(1)).size).toBe(1)
    expect(world.apiSaw).not.toContain(null)
  })

  test('features 32: with the provider away the request is not sent at all, and its error says why', async () => {
    const away = { now: false }
    const { world, get, auth } = await signedInApp({
      between: async (request, send) => {
        if (away.now && request.url.endsWith('/token')) throw new TypeError('network')
        return send(request)
      },
    })
    await world.run(get(apiOrigin))
    await world.browser.time.advance(61)
    away.now = true
    const error = await world.run(get(apiOrigin))
    expect(error).toBeInstanceOf(HttpErrorResponse)
    expect(error).toMatchObject({ status: 0, statusText: 'No current access token', error: { code: 'unreachable' } })
    expect(world.apiSaw).toHaveLength(1)
    expect(auth.state.status).toBe('authenticated')
  })

  test('a caller that gives up stops waiting, and the renewal goes on for the others', async () => {
    const { world, http, get } = await signedInApp()
    await world.run(get(apiOrigin))
    await world.browser.time.advance(61)
    const impatient = http.get(`${apiOrigin}/impatient`).subscribe()
    const patient = get(`${apiOrigin}/patient`)
    impatient.unsubscribe()
    expect(await world.run(patient)).toBe(200)
    expect(world.refreshes()).toBe(1)
    expect(world.apiSaw).toHaveLength(2)
  })
})

describe('when the API refuses', () => {
  test('a second 401 stands: there is no third attempt', async () => {
    const { world, get } = await signedInApp()
    world.apiAccepts = async () => false
    expect(await world.run(get(apiOrigin))).toMatchObject({ status: 401 })
    expect(world.apiSaw).toHaveLength(2)
    expect(world.refreshes()).toBe(1)
  })

  test('a 401 stands when the renewal is impossible for now, and the session goes on', async () => {
    const { world, get, auth } = await signedInApp({
      between: async (request, send) => {
        if (request.url.startsWith(apiOrigin)) return Response.json({ title: 'Unauthorized' }, { status: 401 })
        const isRenewal =
          request.url.endsWith('/token') && (await request.clone().text()).includes('grant_type=refresh')
        return isRenewal ? new Response(null, { status: 503 }) : send(request)
      },
    })
    expect(await world.run(get(apiOrigin))).toMatchObject({ status: 401, error: { title: 'Unauthorized' } })
    expect(auth.state.status).toBe('authenticated')
  })

  test('20 refusals of one token bring one renewal', async () => {
    const { world, get, auth } = await signedInApp()
    await world.run(auth.start())
    const old = `Bearer ${auth.peekAccessToken()}`
    world.apiAccepts = async (authorization) => authorization !== old
    const statuses = await world.run(Promise.all(Array.from({ length: 20 }, () => get(apiOrigin))))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(world.refreshes()).toBe(1)
  })

  test('after the session was revoked the request goes out bare, and the API’s own 401 comes back', async () => {
    const { world, get, auth } = await signedInApp()
    await world.run(get(apiOrigin))
    await world.run(auth.revoke('refresh_token'))
    expect(await world.run(get(apiOrigin))).toMatchObject({ status: 401 })
    expect(world.apiSaw[1]).toBeNull()
  })

  test('another error than 401 brings no renewal', async () => {
    const { world, get } = await signedInApp({
      between: async (request, send) =>
        request.url.startsWith(apiOrigin) ? Response.json({}, { status: 403 }) : send(request),
    })
    expect(await world.run(get(apiOrigin))).toMatchObject({ status: 403 })
    expect(world.refreshes()).toBe(0)
  })
})
