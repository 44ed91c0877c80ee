import { client, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test, vi } from 'vitest'
import type { AuthState } from './auth-state.ts'
import { createAuth } from './index.ts'
import { inertPlatform } from './platform/inert-platform.ts'
import { appClient, appOrigin, openWorld, type WorldOptions } from './simulated/simulated-world.ts'

const seed = Number(process.env.SEED ?? 1)
console.info(`SEED=${seed} repeats this order of events`)

const openProvider = (now: () => number) =>
  testProvider({
    runtime: { ...testRuntime(), now },
    moreClients: [client({ ...appClient })],
    lifetimes: { access_token: 60, refresh_token_grace: 0 },
  })

type House = Awaited<ReturnType<typeof openProvider>>
const world = (options: Partial<WorldOptions<House>> = {}) => openWorld({ seed, openProvider, ...options })
const codeExchanges = (w: Awaited<ReturnType<typeof world>>) =>
  w.tokenRequests.filter((form) => form.get('grant_type') === 'authorization_code').length

describe('coming back from the provider', () => {
  test('the person lands where they were, the address bar is clean, and the code is sent once although start is called twice', async () => {
    const w = await world()
    const { tab, auth } = await w.open({}, '/notes?sort=date#top')
    await w.run(auth.signIn())
    const back = await w.load(tab)
    expect(new URL(tab.href).searchParams.has('code')).toBe(true)
    const states = await w.run(Promise.all([back.auth.start(), back.auth.start(), back.auth.start()]))
    expect(states.map(({ status }) => status)).toEqual(Array(3).fill('authenticated'))
    expect([tab.href, codeExchanges(w)]).toEqual([`${appOrigin}/notes?sort=date#top`, 1])
    expect([...tab.storage.keys()].filter((key) => key.startsWith('latchkey:login'))).toEqual([])
  })

  test('features 24: logins that were begun in the same tab and in others all end well, whatever comes back first', async () => {
    const w = await world()
    const one = await w.open()
    const two = await w.open()
    await w.run(one.auth.signIn({ returnTo: '/one' }))
    await w.run(two.auth.signIn({ returnTo: '/two' }))
    const twoBack = await w.load(two.tab)
    const oneBack = await w.load(one.tab)
    const states = await w.run(Promise.all([twoBack.auth.start(), oneBack.auth.start()]))
    expect(states.map(({ status }) => status)).toEqual(['authenticated', 'authenticated'])
    expect([one.tab.href, two.tab.href]).toEqual([`${appOrigin}/one`, `${appOrigin}/two`])
    await w.browser.time.advance(1)
    const tokens = await w.run(Promise.all([oneBack.auth.getAccessToken(), twoBack.auth.getAccessToken()]))
    expect(tokens[0]).toBe(tokens[1])
  })

  test('features 24: a callback that is loaded a second time, or from a bookmark, lands signed in and sends no code', async () => {
    const w = await world()
    const { tab, auth } = await w.open()
    await w.run(auth.signIn())
    await w.load(tab)
    const callback = tab.href
    const first = await w.load(tab)
    await w.run(first.auth.start())
    await w.run(tab.go(callback))
    const again = await w.load(tab)
    expect((await w.run(again.auth.start())).status).toBe('authenticated')
    expect(tab.href).toBe(`${appOrigin}/`)
    const elsewhere = await w.open({}, callback.slice(appOrigin.length))
    expect((await w.run(elsewhere.auth.start())).status).toBe('authenticated')
    expect(codeExchanges(w)).toBe(2)
  })

  test('features 24: a code that was used before, as after duplicating the tab on its way, still lands signed in', async () => {
    const w = await world()
    const { tab, auth } = await w.open()
    await w.run(auth.signIn())
    await w.load(tab)
    const twin = await w.open({}, tab.href.slice(appOrigin.length))
    for (const [key, record] of tab.storage) twin.tab.storage.set(key, record)
    const first = await w.load(tab)
    await w.run(first.auth.start())
    tab.close()
    expect((await w.run(twin.auth.start())).status).toBe('authenticated')
    expect(twin.tab.visited).toEqual([])
  })

  test('features 24: a stale callback restarts sign-in once, and then says so instead of looping', async () => {
    const w = await world({ username: null })
    const stale = '/?code=abc&state=gone&tab=2'
    const { tab, auth } = await w.open({}, stale)
    expect((await w.run(auth.start())).status).toBe('unknown')
    expect(tab.visited.map((url) => new URL(url).pathname)).toEqual(['/authorize'])
    await w.run(tab.go(appOrigin + stale))
    const again = await w.load(tab)
    await expect(w.run(again.auth.start())).rejects.toMatchObject({ code: 'state_mismatch' })
    expect([again.auth.state.status, tab.href]).toEqual(['anonymous', `${appOrigin}/?tab=2`])
    expect(tab.visited.filter((url) => url.includes('/authorize'))).toHaveLength(1)
  })

  test('features 24: a login that took longer than ten minutes is purged and begun again', async () => {
    const w = await world()
    const { tab, auth } = await w.open()
    await w.run(auth.signIn())
    await w.load(tab)
    await w.browser.time.advance(601)
    w.browser.cookies.clear()
    const late = await w.load(tab)
    await w.run(late.auth.start())
    expect(codeExchanges(w)).toBe(0)
    expect(tab.visited.filter((url) => url.includes('/authorize'))).toHaveLength(2)
  })

  test("RFC 9207 §2.4: an answer without the provider's iss, or with another one, is refused before its code is sent", async () => {
    for (const change of [
      (url: URL) => url.searchParams.delete('iss'),
      (url: URL) => url.searchParams.set('iss', 'https://evil.test'),
    ]) {
      const w = await world()
      const { tab, auth } = await w.open()
      await w.run(auth.signIn())
      await w.load(tab)
      const answer = new URL(tab.href)
      change(answer)
      w.browser.cookies.clear()
      await w.run(tab.go(answer.href))
      const back = await w.load(tab)
      await expect(w.run(back.auth.start())).rejects.toMatchObject({ code: 'issuer_mismatch' })
      expect([codeExchanges(w), back.auth.state.status]).toEqual([0, 'anonymous'])
    }
  })

  test('an error answer is typed and leaves a clean address; login_required after prompt=none is no error', async () => {
    const w = await world({ username: null })
    const { tab, auth } = await w.open()
    await w.run(auth.signIn({ returnTo: '/page' }))
    const [pending = ''] = [...tab.storage.keys()].filter((key) => key.startsWith('latchkey:login:'))
    const state = pending.slice('latchkey:login:'.length)
    await w.run(tab.go(`${appOrigin}/?error=access_denied&state=${state}&iss=${encodeURIComponent(w.house.issuer)}`))
    const refused = await w.load(tab)
    await expect(w.run(refused.auth.start())).rejects.toMatchObject({
      code: 'authorization_failed',
      oauthError: 'access_denied',
    })
    expect([tab.href, refused.auth.state.status]).toEqual([`${appOrigin}/page`, 'anonymous'])
    await w.run(refused.auth.signIn({ prompt: 'none' }))
    const quiet = await w.load(tab)
    expect(await w.run(quiet.auth.start())).toEqual({ status: 'anonymous' })
  })

  test('a returnTo on another origin is refused before anything is sent', async () => {
    const w = await world()
    const { tab, auth } = await w.open()
    for (const returnTo of ['https://evil.test/', '//evil.test/', '/\\evil.test/', 'javascript:alert(1)']) {
      await expect(w.run(auth.signIn({ returnTo }))).rejects.toThrow('returnTo')
    }
    expect(tab.visited).toEqual([])
  })
})

describe('finding out who is there', () => {
  test('features 28: nobody is told "not signed in" before it is known', async () => {
    const w = await world()
    const first = await w.signedIn()
    first.tab.close()
    const { auth } = await w.open()
    const seen: AuthState['status'][] = [auth.state.status]
    auth.subscribe(({ status }) => seen.push(status))
    const token = await w.run(auth.getAccessToken())
    expect(seen).toEqual(['unknown', 'authenticated'])
    expect(token).toEqual(expect.stringMatching(/./))
  })

  test('features 28: while the provider is away the state stays unknown, the failure is retryable, and start works later', async () => {
    let away = true
    const w = await world({
      between: (request, send) => (away ? Promise.reject(new TypeError('Failed to fetch')) : send(request)),
    })
    const { auth } = await w.open()
    await expect(w.run(auth.start())).rejects.toMatchObject({ code: 'unreachable', retryable: true })
    await expect(w.run(auth.getAccessToken())).rejects.toMatchObject({ code: 'unreachable' })
    expect(auth.state.status).toBe('unknown')
    away = false
    expect(await w.run(auth.start())).toEqual({ status: 'anonymous' })
  })

  test('a new tab takes the session from another one without asking the provider', async () => {
    const w = await world()
    await w.signedIn()
    const before = w.tokenRequests.length
    const { auth } = await w.open()
    expect((await w.run(auth.start())).status).toBe('authenticated')
    expect(w.tokenRequests.length).toBe(before)
  })

  test('a reload keeps the person signed in by asking the provider silently', async () => {
    const w = await world()
    const { tab } = await w.signedIn()
    await w.run(tab.go('/'))
    const { auth } = await w.load(tab)
    expect((await w.run(auth.start())).status).toBe('authenticated')
  })

  test('eight tabs that a browser restores together sign in silently once', async () => {
    const w = await world()
    const first = await w.signedIn()
    first.tab.close()
    const before = codeExchanges(w)
    const opened = []
    for (let count = 0; count < 8; count++) opened.push(await w.open())
    const states = await w.run(Promise.all(opened.map(({ auth }) => auth.start())))
    expect(new Set(states.map(({ status }) => status))).toEqual(new Set(['authenticated']))
    expect(codeExchanges(w) - before).toBe(1)
  })

  test('a provider that shows a page instead of answering makes nobody wait longer than a few seconds', async () => {
    const w = await world()
    const { auth } = await w.open({ silentRedirectUri: `${appOrigin}/not-registered.html` })
    const before = w.browser.time.now()
    expect(await w.run(auth.start())).toEqual({ status: 'anonymous' })
    expect(w.browser.time.now() - before).toBeLessThan(3)
  })
})

describe('what nobody sees', () => {
  test('features 30: no token, code, nonce, verifier or state is in storage afterwards, in a log or in an error', async () => {
    const written: string[] = []
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((...parts) => void written.push(parts.map(String).join(' '))),
    )
    let broken = false
    const w = await world({
      between: async (request, send) =>
        broken && request.url.endsWith('/token') ? Response.json({ access_token: 7 }) : send(request),
    })
    const { tab, auth } = await w.open()
    await w.run(auth.signIn())
    const secrets = [...tab.storage.values()].flatMap((record) => Object.values(JSON.parse(record)).map(String))
    await w.load(tab)
    secrets.push(...new URL(tab.href).searchParams.values())
    const back = await w.load(tab)
    await w.run(back.auth.start())
    secrets.push((await w.run(back.auth.getAccessToken())) ?? '', back.auth.getIdToken() ?? '')
    expect([...tab.storage.values()].join()).toBe('')
    broken = true
    const failure: unknown = await w.run(
      back.auth.getAccessToken({ forceRenewal: true }).catch((error: unknown) => error),
    )
    const told = [...written, String(failure), JSON.stringify(failure), String((failure as Error).stack)].join('\n')
    for (const spy of spies) spy.mockRestore()
    expect(failure).toMatchObject({ code: 'response_invalid' })
    expect(secrets.length).toBeGreaterThan(8)
    for (const secret of secrets.filter((text) => text.length > 20 && !text.includes('://')))
      expect(told).not.toContain(secret)
  })

  test('on a server nothing is asked and the state stays unknown', async () => {
    const auth = createAuth(
      { issuer: 'https://id.example.com', clientId: 'app', secureRoutes: ['/api'] },
      inertPlatform,
    )
    expect([await auth.start(), await auth.getAccessToken(), auth.getIdToken()]).toEqual([
      { status: 'unknown' },
      null,
      null,
    ])
    await auth.signIn()
    await auth.signOut()
    expect(auth.state).toEqual({ status: 'unknown' })
  })

  test('a bad configuration is told at once, with every problem and its fix', () => {
    const make = () =>
      createAuth(
        {
          issuer: 'http://id.example.com/',
          clientId: '',
          scope: 'profile',
          redirectUri: 'https://elsewhere.test/cb',
          secureRoutes: ['https://api.example.com/*', 'api'],
          renewBeforeExpirySeconds: -1,
        },
        inertPlatform,
      )
    expect(make).toThrow(/wrong:(\n {2}- .+){7}$/)
    for (const word of ['https', 'clientId', 'openid', 'without fragment', 'wildcard', 'renewBefore'])
      expect(make).toThrow(word)
  })
})
