import { testOpaqueApi } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import type { SimulatedTab } from '../simulated/simulated-browser.ts'
import { appOrigin } from '../simulated/simulated-world.ts'
import { type TestWorld, testWorld } from '../test-world.ts'
import { GenericError, newAuth0Client } from './auth0-client.ts'

const options = (w: TestWorld) => ({ domain: w.house.issuer, client_id: 'app', redirect_uri: appOrigin })

async function clientOf(w: TestWorld, tab: SimulatedTab, changes: object = {}) {
  return newAuth0Client({ ...options(w), ...changes }, await w.run(tab.page()))
}

describe('the surface of auth0-spa-js', () => {
  test('sign-in by redirect with application state, user, claims, token, and sign-out', async () => {
    const w = await testWorld()
    const tab = w.browser.openTab(`${appOrigin}/`)
    const before = await clientOf(w, tab)
    await w.run(before.checkSession())
    expect([await w.run(before.isAuthenticated()), await w.run(before.getUser())]).toEqual([false, undefined])
    await w.run(
      before.loginWithRedirect({ appState: { target: '/deep' }, authorizationParams: { login_hint: 'alice' } }),
    )
    expect(new URL(tab.visited.at(-1) ?? '').searchParams.get('login_hint')).toBe('alice')
    const client = await clientOf(w, tab)
    expect(await w.run(client.handleRedirectCallback())).toEqual({ appState: { target: '/deep' } })
    expect(await w.run(client.isAuthenticated())).toBe(true)
    expect((await w.run(client.getUser()))?.sub).toBe('alice-1')
    expect((await w.run(client.getIdTokenClaims()))?.__raw).toMatch(/^eyJ/)
    const token = await w.run(client.getTokenSilently())
    expect(await w.run(client.getTokenSilently({ cacheMode: 'cache-only' }))).toBe(token)
    expect(await w.run(client.getTokenSilently({ cacheMode: 'off' }))).not.toBe(token)
    expect(await w.run(client.getTokenSilently({ detailedResponse: true }))).toMatchObject({
      access_token: expect.any(String),
      id_token: expect.stringMatching(/^eyJ/),
      expires_in: 60,
      scope: expect.stringContaining('openid'),
    })
    await w.run(client.logout({ logoutParams: { returnTo: `${appOrigin}/` } }))
    await w.browser.time.advance(2)
    const left = new URL(tab.visited.at(-1) ?? '')
    expect([left.pathname, left.searchParams.get('post_logout_redirect_uri')]).toEqual([
      '/end-session',
      `${appOrigin}/`,
    ])
  })

  test('features 27: a token that is asked for while it is renewed is the new one, never empty', async () => {
    const w = await testWorld()
    const { tab } = await w.signedIn()
    const client = await clientOf(w, tab)
    await w.run(client.checkSession())
    await w.browser.time.advance(61)
    const tokens = await w.run(Promise.all(Array.from({ length: 20 }, () => client.getTokenSilently())))
    expect([new Set(tokens).size, w.refreshes()]).toEqual([1, 1])
  })

  test('login_required, timeout and the rest come under the names that are branched on', async () => {
    let down = false
    const w = await testWorld({
      between: (request, send) => (down ? Promise.reject(new TypeError('failed')) : send(request)),
    })
    const tab = w.browser.openTab(`${appOrigin}/`)
    const client = await clientOf(w, tab)
    const failure = await w.run(client.getTokenSilently().catch((error: unknown) => error))
    expect(failure).toBeInstanceOf(GenericError)
    expect(failure).toMatchObject({ error: 'login_required' })
    down = true
    await w.browser.time.advance(60)
    tab.close()
    const other = await clientOf(w, w.browser.openTab(`${appOrigin}/`))
    await expect(w.run(other.getTokenSilently())).rejects.toMatchObject({ error: 'timeout' })
  })

  test('an audience of its own is an access token of its own', async () => {
    const w = await testWorld({ app: { scope: 'openid profile email read:notes' } })
    const tab = w.browser.openTab(`${appOrigin}/`)
    const begin = await clientOf(w, tab)
    await w.run(begin.loginWithRedirect({ authorizationParams: { resource: testOpaqueApi } }))
    const client = await clientOf(w, tab)
    await w.run(client.handleRedirectCallback())
    await w.run(client.getTokenSilently({ authorizationParams: { audience: testOpaqueApi } })).catch(() => undefined)
    expect(w.tokenRequests.at(-1)?.get('resource')).toBe(testOpaqueApi)
  })

  test('openUrl false signs out here and sends nothing', async () => {
    const w = await testWorld()
    const { tab } = await w.signedIn()
    const client = await clientOf(w, tab)
    await w.run(client.checkSession())
    const visited = tab.visited.length
    await w.run(client.logout({ openUrl: false }))
    expect([await w.run(client.isAuthenticated()), tab.visited.length - visited, w.revocations.length]).toEqual([
      false,
      0,
      0,
    ])
  })

  test('RFC 7009 §2.1: an openUrl of the application gets the address, and the refresh token is revoked all the same', async () => {
    const w = await testWorld()
    const { tab } = await w.signedIn()
    const client = await clientOf(w, tab)
    await w.run(client.checkSession())
    const urls: string[] = []
    await w.run(client.logout({ openUrl: (url) => void urls.push(new URL(url).pathname) }))
    expect([urls, await w.run(client.isAuthenticated()), w.revocations.length]).toEqual([['/end-session'], false, 1])
  })
})
