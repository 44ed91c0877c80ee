import { createTestBrowser, type TestBff, type TestBrowser, testBff } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Auth } from '../auth.ts'
import { createAuth } from '../index.ts'
import type { openEventSource } from '../platform/event-source.ts'
import { inertPlatform } from '../platform/inert-platform.ts'
import type { Platform } from '../platform/platform.ts'
import { bffMode } from './bff-mode.ts'

let house: TestBff
let opened: { auth: Auth; close: () => void }[]
beforeEach(async () => {
  house = await testBff()
  opened = []
})
afterEach(async () => {
  for (const { auth, close } of opened) {
    auth.dispose()
    close()
  }
  await house.close()
})

/** The pages of one browser hear each other. */
function channels(): Platform['openChannel'] {
  const ports = new Set<{ name: string; receive: (message: unknown) => void }>()
  return (name, receive) => {
    const port = { name, receive }
    ports.add(port)
    return {
      post(message) {
        for (const other of ports) if (other !== port && other.name === name) other.receive(structuredClone(message))
      },
      close: () => ports.delete(port),
    }
  }
}

/** Server-sent events as an EventSource hears them, over the BFF's real stream. */
function eventsOf(browser: TestBrowser, ending: AbortController): typeof openEventSource {
  return (url, names, listener) => {
    const own = new AbortController()
    ending.signal.addEventListener('abort', () => own.abort())
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const listen = async () => {
      const headers = { cookie, 'x-csrf': '1', accept: 'text/event-stream' }
      const response = await fetch(house.origin + url, { headers, signal: own.signal })
      if (!response.ok) return listener('closed', null)
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) {
        for (const block of decoder.decode(chunk).split('\n\n')) {
          const [, name = ''] = /^event: (.*)$/m.exec(block) ?? []
          const [, data = 'null'] = /^data: (.*)$/m.exec(block) ?? []
          if (names.includes(name)) listener(name, JSON.parse(data))
        }
      }
    }
    void listen().catch(() => undefined)
    return () => own.abort()
  }
}

interface Page {
  readonly auth: Auth
  readonly visited: string[]
  resume(): void
}

function openPage(browser: TestBrowser, share = channels()): Page {
  const visited: string[] = []
  const listeners = new Set<(event: 'resume' | 'leave') => void>()
  const ending = new AbortController()
  const href = `${house.origin}/notes?x=1`
  const platform: Platform = {
    ...inertPlatform,
    interactive: true,
    runtime: {
      ...house.runtime,
      async fetch(input, init) {
        const request = new Request(
          new URL(input instanceof Request ? input.url : input, href),
          input instanceof Request ? input : init,
        )
        const body = request.body === null ? {} : { body: await request.text() }
        return browser.fetch(request.url, { method: request.method, headers: request.headers, ...body })
      },
    },
    page: { ...inertPlatform.page, href: () => href, base: () => href, assign: (url) => visited.push(url) },
    openChannel: share,
    onLifecycle(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const parts = [bffMode({ openEvents: eventsOf(browser, ending) })]
  const auth = createAuth({ mode: 'bff', secureRoutes: ['/api', 'https://api.example.com'], parts }, platform)
  opened.push({ auth, close: () => ending.abort() })
  return {
    auth,
    visited,
    resume() {
      for (const listener of [...listeners]) listener('resume')
    },
  }
}

const until = (auth: Auth, status: string) =>
  new Promise<void>((resolve) => {
    const look = () => auth.state.status === status && resolve()
    auth.subscribe(look)
    look()
  })

describe("mode 'bff'", () => {
  test('the state follows the BFF: nobody, then a person with claims, and a fetch that passes with the CSRF header', async () => {
    const stranger = openPage(createTestBrowser())
    expect(await stranger.auth.start()).toEqual({ status: 'anonymous' })
    const { auth } = openPage(await house.signIn())
    expect(await auth.start()).toMatchObject({ status: 'authenticated', claims: { sub: 'alice-1', name: 'Alice Doe' } })
    expect(auth.state).toMatchObject({ expiresAt: expect.any(Number) })
    const response = await auth.fetch('/api/x')
    expect([response.status, await response.json()]).toEqual([200, { hello: 'from the API' }])
    expect((await auth.fetchUserInfo())?.sub).toBe('alice-1')
  })

  test('there is no token here by design, and whoever asks for one is told so', async () => {
    const { auth } = openPage(await house.signIn())
    await auth.start()
    await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'token_not_in_browser', remedy: 'fix_setup' })
    await expect(auth.revoke('access_token')).rejects.toMatchObject({ code: 'token_not_in_browser' })
    expect([auth.peekAccessToken(), auth.getIdToken(), auth.getTokens()]).toEqual([null, null, null])
    expect(await auth.requestToken({ url: '/api/x', method: 'GET' })).toEqual({
      accessToken: '',
      headers: { 'X-CSRF': '1' },
    })
  })

  test('features 21: the CSRF header goes to this origin and the table alone', async () => {
    const { auth } = openPage(await house.signIn())
    for (const url of ['https://api.example.com/x', '/apix', '/other', '//evil.test/api', '/api/../x']) {
      expect(await auth.requestToken({ url, method: 'GET' })).toBeNull()
    }
  })

  test('signing in and out are navigations that the BFF understands', async () => {
    const browser = await house.signIn()
    const { auth, visited } = openPage(browser)
    await auth.start()
    await auth.signIn({
      returnTo: '/deep?a=b',
      prompt: 'login',
      acrValues: ['mfa'],
      maxAgeSeconds: 60,
      loginHint: 'alice',
    })
    expect(Object.fromEntries(new URL(visited[0] ?? '').searchParams)).toEqual({
      returnUrl: '/deep?a=b',
      prompt: 'login',
      acr_values: 'mfa',
      max_age: '60',
      login_hint: 'alice',
    })
    await expect(auth.signIn({ returnTo: 'https://evil.test/' })).rejects.toThrow('returnTo')
    await auth.signOut()
    expect(auth.state).toEqual({ status: 'anonymous', because: 'signed-out' })
    const { response } = await browser.open(visited[1] ?? '', { stopAt: (url) => !url.startsWith(house.origin) })
    expect(response.status).toBe(302)
    expect((await openPage(browser).auth.start()).status).toBe('anonymous')
  })

  test('features 29: signing out in one tab signs the others out at once; a local one leaves the provider alone', async () => {
    const browser = await house.signIn()
    const share = channels()
    const [one, two] = [openPage(browser, share), openPage(browser, share)]
    await Promise.all([one.auth.start(), two.auth.start()])
    await one.auth.signOut({ where: 'browser' })
    expect(two.auth.state).toEqual({ status: 'anonymous', because: 'signed-out-elsewhere' })
    expect([one.visited, (await openPage(browser).auth.start()).status]).toEqual([[], 'anonymous'])
  })

  test('a session that ends at the BFF ends here without anybody asking', async () => {
    const { auth } = openPage(await house.signIn())
    await auth.start()
    const ended: unknown[] = []
    auth.onEvent((event) => event.type === 'signed-out' && ended.push(event.because))
    await house.bff.sessions.revoke({ sub: 'alice-1' })
    await until(auth, 'anonymous')
    expect(ended).toHaveLength(1)
  })

  test('a 401 of the BFF makes it look again: the session has expired', async () => {
    const { auth } = openPage(await house.signIn())
    await auth.start()
    house.runtime.clock.advance(60 * 60 * 24 * 60)
    expect((await auth.fetch('/api/x')).status).toBe(401)
    await until(auth, 'anonymous')
  })

  test('features 28: while the BFF cannot be reached nobody is taken for signed out, and a later start works', async () => {
    const browser = await house.signIn()
    let away = true
    const flaky: TestBrowser = {
      ...browser,
      fetch: (url, init) => (away ? Promise.reject(new TypeError('failed')) : browser.fetch(url, init)),
    }
    const { auth } = openPage(flaky)
    await expect(auth.start()).rejects.toMatchObject({ code: 'unreachable', retryable: true })
    expect(auth.state).toEqual({ status: 'unknown', because: 'unreachable' })
    away = false
    expect((await auth.start()).status).toBe('authenticated')
    away = true
    expect(auth.state.status).toBe('authenticated')
  })

  test('the mode without its part, and a popup in it, are told as what they are', async () => {
    expect(() => createAuth({ mode: 'bff' }, inertPlatform)).toThrow('bffMode()')
    await expect(openPage(createTestBrowser()).auth.signInWithPopup()).rejects.toThrow('redirect')
  })

  test('on a server nothing is asked', async () => {
    const auth = createAuth({ mode: 'bff', parts: [bffMode()] }, inertPlatform)
    expect([await auth.start(), auth.state]).toEqual([{ status: 'unknown' }, { status: 'unknown' }])
    await auth.signIn()
    await auth.signOut()
  })
})
