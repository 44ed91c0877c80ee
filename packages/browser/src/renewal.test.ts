import { client, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createAuth } from './index.ts'
import { plainLocks } from './platform/storage-locks.ts'
import { apiOrigin, appClient, type Opened, openWorld, type WorldOptions } from './simulated/simulated-world.ts'

const firstSeed = Number(process.env.SEED ?? 1)
console.info(`SEED=${firstSeed} repeats this order of events`)

const lifetimes = { access_token: 60, refresh_token_grace: 0 }
const openProvider = (now: () => number) =>
  testProvider({ runtime: { ...testRuntime(), now }, moreClients: [client({ ...appClient })], lifetimes })

type House = Awaited<ReturnType<typeof openProvider>>
const world = (options: Partial<WorldOptions<House>> = {}) => openWorld({ seed: firstSeed, openProvider, ...options })

/** The first tab signs in, the others are opened beside it. */
async function tabs(w: Awaited<ReturnType<typeof world>>, count: number): Promise<[Opened, ...Opened[]]> {
  const opened: [Opened, ...Opened[]] = [await w.signedIn()]
  while (opened.length < count) {
    const next = await w.open()
    await w.run(next.auth.start())
    opened.push(next)
  }
  return opened
}

const _statuses = (opened: readonly Opened[]) => opened.map(({ auth }) => auth.state.status)

const statuses = (opened: readonly Opened[]) => opened.map(({ auth }) => auth.state.status)

describe('renewal over tabs', () => {
  test.each([0, 1, 2, 3, 4].map((offset) => firstSeed + offset))(
    'features 22, 27: 8 tabs with 20 callers each after expiry make exactly one refresh and all get the same token (seed %i)',
    async (seed) => {
      const w = await world({ seed })
      const opened = await tabs(w, 8)
      await w.browser.time.advance(61)
      const calls = opened.flatMap(({ auth }) => Array.from({ length: 20 }, () => auth.getAccessToken()))
      const tokens = await w.run(Promise.all(calls))
      expect(w.refreshes()).toBe(1)
      expect(new Set(tokens).size).toBe(1)
      expect(tokens[0]).toEqual(expect.stringMatching(/./))
    },
  )

  test.each([0, 1, 2].map((offset) => firstSeed + offset))(
    'callers that come at different moments in different tabs make one refresh an expiry, five expiries long (seed %i)',
    async (seed) => {
      const w = await world({ seed })
      const opened = await tabs(w, 4)
      for (let expiry = 1; expiry <= 5; expiry++) {
        await w.browser.time.advance(61)
        const calls = opened.map(({ auth }, index) => {
          const wait = new Promise<void>((resolve) =>
            w.browser.time.after(w.browser.time.random() * 0.2 * index, { dead: false, frozen: false }, resolve),
          )
          return wait.then(() => auth.getAccessToken())
        })
        const tokens = await w.run(Promise.all(calls))
        expect(new Set(tokens).size).toBe(1)
        expect(w.refreshes()).toBe(expiry)
      }
    },
  )

  test('features 26: while one tab waits 25 seconds for the provider the others wait with it and never refresh themselves', async () => {
    const slow = { on: false }
    const w = await world({ latency: (request) => (slow.on && request.url.endsWith('/token') ? 25 : 0) })
    const opened = await tabs(w, 3)
    await w.browser.time.advance(61)
    slow.on = true
    const tokens = await w.run(Promise.all(opened.map(({ auth }) => auth.getAccessToken())))
    expect(w.refreshes()).toBe(1)
    expect(new Set(tokens).size).toBe(1)
  })

  test('a tab that is closed while it renews does not stop the others', async () => {
    const w = await world()
    const [first, second] = await tabs(w, 2)
    await w.browser.time.advance(61)
    void first.auth.getAccessToken()
    await w.browser.time.advance(0.01)
    first.tab.close()
    expect(await w.run(second?.auth.getAccessToken() ?? Promise.reject())).not.toBeNull()
  })

  test('a frozen tab delays a renewal by a quarter of a second at most, and has the new token when it thaws', async () => {
    const w = await world()
    const [first, second] = await tabs(w, 2)
    second?.tab.freeze()
    await w.browser.time.advance(61)
    const before = w.browser.time.now()
    const token = await w.run(first.auth.getAccessToken())
    expect(w.browser.time.now() - before).toBeLessThan(0.5)
    second?.tab.thaw()
    expect(await w.run(second?.auth.getAccessToken() ?? Promise.reject())).toBe(token)
    expect(w.refreshes()).toBe(1)
  })

  test('a 401 for a token that another tab has renewed already costs no request', async () => {
    const w = await world()
    const [first, second] = await tabs(w, 2)
    const old = await w.run(first.auth.getAccessToken())
    const renewed = await w.run(first.auth.getAccessToken({ rejected: old ?? '' }))
    expect(renewed).not.toBe(old)
    expect(await w.run(second?.auth.getAccessToken({ rejected: old ?? '' }) ?? Promise.reject())).toBe(renewed)
    expect(w.refreshes()).toBe(1)
  })

  test('renewBeforeExpirySeconds renews by itself, once for all tabs, and never before half of the life is over', async () => {
    const w = await world()
    const one = await w.signedIn({ renewBeforeExpirySeconds: 50 })
    const two = await w.open({ renewBeforeExpirySeconds: 50 })
    await w.run(two.auth.start())
    await w.browser.time.advance(29)
    expect(w.refreshes()).toBe(0)
    await w.browser.time.advance(5)
    expect(w.refreshes()).toBe(1)
    expect([one, two].map(({ auth }) => auth.state)).toMatchObject([{ renewals: 1 }, { renewals: 1 }])
  })

  test('without a refresh token the provider is asked silently', async () => {
    const { client_id } = appClient
    const w = await world({
      openProvider: (now) =>
        testProvider({
          runtime: { ...testRuntime(), now },
          moreClients: [client({ ...appClient, client_id, grant_types: ['authorization_code'] })],
          lifetimes,
        }),
    })
    const { auth } = await w.signedIn()
    const old = await w.run(auth.getAccessToken())
    await w.browser.time.advance(61)
    expect(await w.run(auth.getAccessToken())).not.toBe(old)
    expect(auth.state).toMatchObject({ status: 'authenticated', renewals: 1 })
    w.browser.cookies.clear()
    await w.browser.time.advance(61)
    expect(await w.run(auth.getAccessToken())).toBeNull()
    expect(auth.state).toEqual({ status: 'anonymous', because: 'expired' })
  })
})

describe('without Web Locks', () => {
  async function lockless(w: Awaited<ReturnType<typeof world>>, count: number): Promise<Opened[]> {
    await w.signedIn()
    const opened: Opened[] = []
    while (opened.length < count) {
      const { tab } = await w.open()
      const auth = createAuth(w.config, { ...(await w.run(tab.page())), locks: plainLocks() })
      await w.run(auth.start())
      opened.push({ tab, auth })
    }
    return opened
  }

  test('tabs that renew at the same moment all stay signed in by the grace of the provider', async () => {
    const w = await world({
      openProvider: (now) =>
        testProvider({
          runtime: { ...testRuntime(), now },
          moreClients: [client({ ...appClient })],
          lifetimes: { access_token: 60 },
        }),
    })
    const opened = await lockless(w, 3)
    await w.browser.time.advance(61)
    const tokens = await w.run(Promise.all(opened.map(({ auth }) => auth.getAccessToken())))
    expect(tokens.every((token) => token !== null)).toBe(true)
    expect(statuses(opened)).toEqual(Array(3).fill('authenticated'))
  })

  test.each(Array.from({ length: 12 }, (_, offset) => firstSeed + offset))(
    'features 23: a refusal because another tab was quicker ends nothing: its tokens are taken (seed %i)',
    async (seed) => {
      const used = new Set<string>()
      const w = await world({
        seed,
        between: async (request, send) => {
          if (!request.url.endsWith('/token')) return send(request)
          const token = new URLSearchParams(await request.clone().text()).get('refresh_token')
          if (token !== null && used.has(token)) return Response.json({ error: 'invalid_grant' }, { status: 400 })
          if (token !== null) used.add(token)
          return send(request)
        },
      })
      const opened = await lockless(w, 2)
      await w.browser.time.advance(61)
      const [one, two] = await w.run(Promise.all(opened.map(({ auth }) => auth.getAccessToken())))
      expect(one).toBe(two)
      expect(statuses(opened)).toEqual(['authenticated', 'authenticated'])
    },
  )
})

describe('failures', () => {
  const failing = (how: () => Response | Promise<Response>) => {
    const fault = { on: false }
    const between: WorldOptions<House>['between'] = async (request, send) =>
      fault.on && request.url.endsWith('/token') ? how() : send(request)
    return { fault, between }
  }

  test.each([
    ['a network failure', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['a 503', () => new Response('busy', { status: 503 })],
    ['a 429', () => new Response('slow down', { status: 429 })],
  ])('features 23: %s keeps the session, is told as retryable, and the next call succeeds', async (_name, how) => {
    const { fault, between } = failing(how)
    const w = await world({ between })
    const { auth } = await w.signedIn()
    await w.browser.time.advance(61)
    fault.on = true
    await expect(w.run(auth.getAccessToken())).rejects.toMatchObject({ code: 'unreachable', retryable: true })
    expect(auth.state.status).toBe('authenticated')
    fault.on = false
    expect(await w.run(auth.getAccessToken())).not.toBeNull()
  })

  test('features 32: an expired token is never sent when it cannot be renewed', async () => {
    const { fault, between } = failing(() => new Response('', { status: 500 }))
    const w = await world({ between })
    const { auth } = await w.signedIn()
    await w.browser.time.advance(61)
    fault.on = true
    await expect(w.run(auth.fetch(`${apiOrigin}/x`))).rejects.toMatchObject({ code: 'unreachable' })
    expect(w.apiSaw).toEqual([])
  })

  test('features 23: invalid_grant ends the session in every tab, because expired', async () => {
    const w = await world()
    const opened = await tabs(w, 3)
    const { claims } = opened[0].auth.state as { claims: { sid: string } }
    await w.house.store.families.revokeSession({ sid: claims.sid, sub: '' }, w.browser.time.now())
    await w.browser.time.advance(61)
    expect(await w.run(opened[1]?.auth.getAccessToken() ?? Promise.reject())).toBeNull()
    await w.browser.time.advance(1)
    expect(opened.map(({ auth }) => auth.state)).toEqual(Array(3).fill({ status: 'anonymous', because: 'expired' }))
  })

  test('a caller that gives up does not end the renewal that others wait for', async () => {
    const w = await world()
    const { auth } = await w.signedIn()
    await w.browser.time.advance(61)
    const impatient = new AbortController()
    const first = auth.getAccessToken({ signal: impatient.signal })
    const second = auth.getAccessToken()
    impatient.abort(new Error('gone'))
    await expect(w.run(first)).rejects.toThrow('gone')
    expect(await w.run(second)).not.toBeNull()
  })
})
