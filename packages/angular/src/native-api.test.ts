import '@angular/compiler'
import { HttpClient, HttpErrorResponse } from '@angular/common/http'
import { type EnvironmentInjector, runInInjectionContext } from '@angular/core'
import { Router, type Routes } from '@angular/router'
import type { AuthConfig } from '@latchkey/browser'
import { dpop } from '@latchkey/browser/dpop'
import { apiOrigin } from '@latchkey/browser/simulated-world'
import { firstValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { authGuardWith } from './auth.guard.ts'
import { AUTH_CLIENTS } from './auth-clients.ts'
import { injectAuth } from './inject-auth.ts'
import { provideLatchkey } from './provide-latchkey.ts'
import { authentication } from './request-context.ts'
import { openAngularBrowser } from './test-app.ts'

const url = `${apiOrigin}/notes`
type Options = Omit<Parameters<typeof openAngularBrowser>[0], 'provide'> & { readonly config?: Partial<AuthConfig> }

function authOf(app: EnvironmentInjector, configId?: string) {
  return runInInjectionContext(app, () => injectAuth(configId))
}

/** A page of an app in which alice has signed in by redirect and come back. */
async function signedIn({ config = {}, ...options }: Options = {}) {
  const browser = await openAngularBrowser({
    ...options,
    provide: (usual) => [provideLatchkey({ ...usual, ...config })],
  })
  await browser.run(authOf(await browser.load()).signIn())
  const app = await browser.load()
  const auth = authOf(app)
  await browser.run(auth.client.start())
  const get = (context?: ReturnType<typeof authentication>) =>
    browser.run(firstValueFrom(app.get(HttpClient).get(url, context === undefined ? {} : { context })))
  return { ...browser, app, auth, get }
}

describe('injectAuth', () => {
  test('has who is there as signals: unknown, then the person, then why nobody', async () => {
    const browser = await openAngularBrowser({ provide: (config) => [provideLatchkey(config)] })
    const before = authOf(await browser.load())
    expect([before.isAuthenticated(), before.claims()]).toEqual([undefined, null])
    const { auth, run } = await signedIn()
    expect([auth.isAuthenticated(), auth.claims()?.aud]).toEqual([true, 'app'])
    await run(auth.signOut({ where: 'browser' }))
    expect([auth.isAuthenticated(), auth.claims(), auth.because()]).toEqual([false, null, 'signed-out'])
  })

  test('knows configurations by their name', async () => {
    const browser = await openAngularBrowser({
      provide: (config) => [provideLatchkey([config, { ...config, configId: 'second' }])],
    })
    const app = await browser.load()
    expect(authOf(app, 'second').client.config.configId).toBe('second')
    expect(() => authOf(app, 'third')).toThrow('"third" is not configured')
  })

  test('works on configurations that were loaded', async () => {
    const browser = await openAngularBrowser({ provide: (config) => [provideLatchkey(async () => config)] })
    const app = await browser.load()
    await browser.run(app.get(AUTH_CLIENTS).ready)
    expect(authOf(app).client.config.clientId).toBe('app')
  })
})

describe('what one request asks', () => {
  test('skip: no token goes along, though the route is secure', async () => {
    const { get, world } = await signedIn()
    await get(authentication({ authentication: 'skip' })).catch(() => undefined)
    await get()
    expect(world.apiSaw).toEqual([null, expect.stringMatching(/^Bearer /)])
  })

  test('required: the request of a stranger is not sent', async () => {
    const browser = await openAngularBrowser({ username: null, provide: (config) => [provideLatchkey(config)] })
    const http = (await browser.load()).get(HttpClient)
    const context = authentication({ authentication: 'required' })
    const refused = await browser.run(firstValueFrom(http.get(url, { context })).catch((error: unknown) => error))
    expect(refused).toBeInstanceOf(HttpErrorResponse)
    expect(refused).toMatchObject({ status: 0, error: { code: 'not_signed_in' } })
    expect(browser.world.apiSaw).toEqual([])
  })

  test('features 21: choosing a token opens no address that is no secure route', async () => {
    const { app, run, world } = await signedIn({
      between: (request, send) => {
        if (new URL(request.url).origin !== 'https://elsewhere.example.com') return send(request)
        seen.push(request.headers.get('authorization'))
        return Promise.resolve(Response.json({}))
      },
    })
    const seen: (string | null)[] = []
    const context = authentication({ authentication: 'required', configId: 'default' })
    await run(firstValueFrom(app.get(HttpClient).get('https://elsewhere.example.com/notes', { context })))
    expect([seen, world.apiSaw]).toEqual([[null], []])
  })
})

describe('HttpClient with DPoP', () => {
  test('features 35: each attempt has a proof of its own; an API’s nonce is answered once', async () => {
    const proofs: string[] = []
    const { get } = await signedIn({
      config: { parts: [dpop(freshKeys)] },
      between: (request, send) => {
        if (new URL(request.url).origin !== apiOrigin) return send(request)
        proofs.push(request.headers.get('dpop') ?? '')
        expect(request.headers.get('authorization')).toMatch(/^DPoP /)
        if (proofs.length > 1) return Promise.resolve(Response.json({ ok: true }))
        const headers = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'of the API' }
        return Promise.resolve(Response.json({}, { status: 401, headers }))
      },
    })
    expect(await get()).toEqual({ ok: true })
    expect(new Set(proofs).size).toBe(2)
    expect(claimsOfProof(proofs[1])).toMatchObject({ htm: 'GET', htu: url, nonce: 'of the API' })
  })
})

describe('authGuardWith', () => {
  const routes: Routes = [
    { path: 'pay', canActivate: [authGuardWith({ scope: 'pay' })], children: [] },
    { path: 'strong', canActivate: [authGuardWith({ acrValues: ['urn:example:strong'] })], children: [] },
    { path: 'staff', canActivate: [authGuardWith({ claims: ({ sub }) => sub === 'staff' })], children: [] },
    { path: 'sorry', children: [] },
    { path: '**', children: [] },
  ]
  const guarded = () => signedIn({ routes, config: { forbiddenRoute: '/sorry' } as Partial<AuthConfig> })

  test('asks once for a scope that is missing, and says no to a person who came back without it', async () => {
    const { app, tab, run, load } = await guarded()
    await run(app.get(Router).navigateByUrl('/pay'))
    const asked = new URL(tab.visited.at(-1) ?? '')
    expect(asked.searchParams.get('scope')?.split(' ')).toEqual(['openid', 'profile', 'email', 'pay'])
    const left = tab.visited.length
    const back = await load()
    await run(authOf(back).client.start())
    await run(back.get(Router).navigateByUrl('/pay'))
    expect([back.get(Router).url, tab.visited.length]).toEqual(['/sorry', left])
  })

  test('RFC 9470 §4: asks for a stronger sign-in once', async () => {
    const { app, tab, run, load } = await guarded()
    await run(app.get(Router).navigateByUrl('/strong'))
    expect(new URL(tab.visited.at(-1) ?? '').searchParams.get('acr_values')).toBe('urn:example:strong')
    const left = tab.visited.length
    const back = await load()
    await run(back.get(Router).navigateByUrl('/strong'))
    expect([back.get(Router).url, tab.visited.length]).toEqual(['/sorry', left])
  })

  test('asks nobody again whose claims say no', async () => {
    const { app, tab, run } = await guarded()
    const left = tab.visited.length
    await run(app.get(Router).navigateByUrl('/staff'))
    expect([app.get(Router).url, tab.visited.length]).toEqual(['/sorry', left])
  })
})

function freshKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
}

function claimsOfProof(proof = ''): unknown {
  return JSON.parse(atob((proof.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))
}
