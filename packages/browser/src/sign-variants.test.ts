import { describe, expect, test } from 'vitest'
import type { AuthEvent } from './auth-event.ts'
import { keepIn } from './parts/storage.ts'
import { silentSignIn } from './silent-sign-in.ts'
import { tabs, testWorld } from './test-world.ts'

describe('signing out', () => {
  test('in this tab alone: the others go on, and nobody is told', async () => {
    const w = await testWorld()
    const [one, two] = await tabs(w, 2)
    await w.run(one.auth.signOut({ where: 'tab' }))
    await w.browser.time.advance(2)
    expect([one.auth.state, two?.auth.state.status]).toEqual([
      { status: 'anonymous', because: 'signed-out' },
      'authenticated',
    ])
    await w.browser.time.advance(61)
    expect(await w.run(two?.auth.getAccessToken() ?? Promise.reject())).not.toBeNull()
    await w.browser.time.advance(2)
    expect([await w.run(one.auth.getAccessToken()), w.revocations.length]).toEqual([null, 0])
  })

  test('RFC 7009 §2.1: a storage that never answers keeps no refresh token from being revoked', async () => {
    const w = await testWorld()
    const storage = { load: () => null, save: () => {}, remove: () => new Promise<void>(() => {}) }
    const { auth } = await w.signedIn({ parts: [silentSignIn(), keepIn(() => storage)] })
    void auth.signOut()
    await w.browser.time.advance(2)
    expect([auth.state.status, w.revocations.length]).toEqual(['anonymous', 1])
  })

  test('RP-Initiated Logout §2: by POST, with another way back and without revoking', async () => {
    const w = await testWorld()
    const { auth, tab } = await w.signedIn()
    await w.run(
      auth.signOut({ method: 'POST', revoke: false, extraParameters: { ui_locales: 'de', id_token_hint: 'forged' } }),
    )
    await w.browser.time.advance(2)
    const left = new URL(tab.visited.at(-1) ?? '')
    expect([left.pathname, left.searchParams.get('ui_locales'), w.revocations.length]).toEqual([
      '/end-session',
      'de',
      0,
    ])
    expect(left.searchParams.get('id_token_hint')).toMatch(/^eyJ/)
  })

  test('the address that ends the session at the provider can be had without leaving', async () => {
    const w = await testWorld()
    const { auth, tab } = await w.signedIn()
    const url = new URL((await w.run(auth.getEndSessionUrl())) ?? '')
    expect([url.pathname, url.searchParams.get('client_id'), tab.visited.length]).toEqual(['/end-session', 'app', 1])
    expect(auth.state.status).toBe('authenticated')
  })
})

describe('signing in', () => {
  test('application state is bound to the sign-in and comes back with it, once', async () => {
    const w = await testWorld()
    const { auth, tab } = await w.open()
    const appState = { cart: [1, 2], note: 'ü' }
    await w.run(auth.signIn({ appState, returnTo: '/cart' }))
    const back = await w.load(tab)
    expect(back.auth.appState).toBeUndefined()
    await w.run(back.auth.start())
    expect([back.auth.appState, tab.href]).toEqual([appState, 'https://app.test/cart'])
    await w.run(tab.go('/cart'))
    const reloaded = await w.load(tab)
    await w.run(reloaded.auth.start())
    expect(reloaded.auth.appState).toBeUndefined()
  })

  test('the address of a sign-in can be had without leaving, and its answer is completed all the same', async () => {
    const w = await testWorld()
    const { auth, tab } = await w.open()
    const url = await w.run(auth.getAuthorizeUrl({ prompt: 'login' }))
    expect([tab.visited.length, new URL(url).searchParams.get('prompt')]).toEqual([0, 'login'])
    await w.run(tab.go(url))
    const back = await w.load(tab)
    expect((await w.run(back.auth.start())).status).toBe('authenticated')
  })

  test('OIDC Core §3.1.2.1: what a call leaves undefined is asked for as the configuration says', async () => {
    const w = await testWorld()
    const { auth } = await w.open({ uiLocales: ['de'], acrValues: ['mfa'], maxAgeSeconds: 60, audience: 'a' })
    const options = { uiLocales: undefined, acrValues: undefined, maxAgeSeconds: undefined, scope: undefined }
    const { searchParams } = new URL(await w.run(auth.getAuthorizeUrl(options)))
    const asked = ['ui_locales', 'acr_values', 'max_age', 'audience', 'scope'].map((name) => searchParams.get(name))
    expect(asked).toEqual(['de', 'mfa', '60', 'a', 'openid profile email'])
  })

  test('features 31: only what is named goes to the provider, whatever else an object holds', async () => {
    const w = await testWorld()
    const { auth, tab } = await w.open()
    const routeData = { title: 'Secret page', permissions: ['x'], returnTo: '/a', loginHint: 'alice' }
    await w.run(auth.signIn(routeData))
    const { searchParams } = new URL(tab.visited.at(-1) ?? '')
    expect([...searchParams.keys()].sort()).toEqual([
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'login_hint',
      'nonce',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ])
  })

  test('what a person has to do is refused until they have: max_age of a sign-in that is too long ago', async () => {
    const w = await testWorld()
    const { tab } = await w.signedIn()
    await w.browser.time.advance(3600)
    const again = await w.load(tab)
    await w.run(again.auth.start())
    const url = new URL(await w.run(again.auth.getAuthorizeUrl({ maxAgeSeconds: 60 })))
    // A provider that ignores max_age answers from the session of an hour ago.
    url.searchParams.delete('max_age')
    await w.run(tab.go(url.href))
    const back = await w.load(tab)
    await expect(w.run(back.auth.start())).rejects.toMatchObject({
      code: 'authentication_insufficient',
      remedy: 'sign_in',
    })
  })
})

test('features 30: events tell everything that happens, and no token, code, nonce or verifier', async () => {
  const w = await testWorld()
  const told: AuthEvent[] = []
  const { auth, tab } = await w.open()
  auth.onEvent((event) => told.push(event))
  await w.run(auth.signIn())
  const secrets = [...tab.storage.values()].flatMap((record) => {
    const { state, nonce, codeVerifier } = JSON.parse(record)
    return [state, nonce, codeVerifier]
  })
  await w.load(tab)
  secrets.push(new URL(tab.href).searchParams.get('code'))
  const back = await w.load(tab)
  back.auth.onEvent((event) => told.push(event))
  back.auth.onEvent(() => {
    throw new Error('a listener of the application failed')
  })
  const uncaught: unknown[] = []
  const hear = (error: unknown) => uncaught.push(error)
  process.prependListener('uncaughtException', hear)
  const silenced = process.listeners('uncaughtException').filter((listener) => listener !== hear)
  for (const listener of silenced) process.removeListener('uncaughtException', listener)
  await w.run(back.auth.start())
  secrets.push(await w.run(back.auth.getAccessToken()), back.auth.getTokens()?.refreshToken, back.auth.getIdToken())
  await w.browser.time.advance(61)
  secrets.push(await w.run(back.auth.getAccessToken()))
  await w.run(back.auth.signOut({ where: 'browser' }))
  process.removeListener('uncaughtException', hear)
  for (const listener of silenced) process.on('uncaughtException', listener as (error: unknown) => void)
  const withoutClaims = told.map((event) =>
    event.type === 'state-changed' ? { ...event, state: event.state.status } : event,
  )
  expect(told.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['leaving', 'signed-in', 'state-changed', 'renewing', 'renewed', 'signed-out']),
  )
  expect(uncaught.length).toBeGreaterThan(0)
  for (const secret of secrets) if (secret) expect(JSON.stringify(withoutClaims)).not.toContain(secret)
})
