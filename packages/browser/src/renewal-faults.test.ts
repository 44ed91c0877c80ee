import { describe, expect, test } from 'vitest'
import { createAuth } from './index.ts'
import { plainLocks, storageLocks } from './platform/storage-locks.ts'
import type { Opened } from './simulated/simulated-world.ts'
import { seed, type TestWorld, tabs, testWorld } from './test-world.ts'

type Between = NonNullable<NonNullable<Parameters<typeof testWorld>[0]>['between']>

const isRefresh = async (request: Request) =>
  request.url.endsWith('/token') && (await request.clone().text()).includes('grant_type=refresh_token')

/** What a refresh meets: decided anew at each. */
function faulty(how: (count: number, send: () => Promise<Response>) => Promise<Response>): Between {
  let count = 0
  return async (request, send) => ((await isRefresh(request)) ? how(++count, () => send(request)) : send(request))
}

const lost = () => Promise.reject(new TypeError('Failed to fetch'))

describe('a refresh that goes wrong', () => {
  test('features 23: an answer that is lost is asked for again with the same token, and the same successor comes', async () => {
    const w = await testWorld({
      grace: 30,
      between: faulty(async (count, send) => {
        const response = await send()
        return count === 1 ? lost() : response
      }),
    })
    const opened = await tabs(w, 3)
    await w.browser.time.advance(61)
    const tokens = await w.run(Promise.all(opened.map(({ auth }) => auth.getAccessToken())))
    expect(new Set(tokens).size).toBe(1)
    const sent = w.tokenRequests.map((form) => form.get('refresh_token')).filter((token) => token !== null)
    expect([sent.length, new Set(sent).size]).toEqual([2, 1])
    expect(w.house.events.some(({ type }) => type === 'refresh.reused')).toBe(false)
  })

  test('features 23: a response without a refresh token keeps the stored one', async () => {
    const w = await testWorld({
      grace: 3600,
      between: faulty(async (_count, send) => {
        const { refresh_token, ...rest } = await (await send()).json()
        return Response.json(rest)
      }),
    })
    const { auth } = await w.signedIn()
    const before = auth.getTokens()?.refreshToken
    await w.browser.time.advance(61)
    expect(await w.run(auth.getAccessToken())).not.toBeNull()
    expect(auth.getTokens()?.refreshToken).toBe(before)
    await w.browser.time.advance(61)
    expect(await w.run(auth.getAccessToken())).not.toBeNull()
    expect(auth.state.status).toBe('authenticated')
  })

  test('features 23: a token that is still valid serves while the provider is down', async () => {
    let down = false
    const w = await testWorld({ between: (request, send) => (down ? lost() : send(request)) })
    const { auth } = await w.signedIn({ renewBeforeExpirySeconds: 30 })
    const token = await w.run(auth.getAccessToken())
    down = true
    await w.browser.time.advance(50)
    expect([await w.run(auth.getAccessToken()), auth.state.status]).toEqual([token, 'authenticated'])
  })

  test('RFC 9110 §10.2.3: Retry-After is kept by callers and by the timer, and the first request after it succeeds', async () => {
    let asked = 0
    let busy = true
    const w = await testWorld({
      between: faulty((_count, send) => {
        asked++
        return busy ? Promise.resolve(new Response('', { status: 429, headers: { 'retry-after': '40' } })) : send()
      }),
    })
    const { auth } = await w.signedIn({ renewBeforeExpirySeconds: 10 })
    await w.browser.time.advance(61)
    await expect(w.run(auth.getAccessToken())).rejects.toMatchObject({ retryAfterSeconds: 40, remedy: 'retry' })
    await w.browser.time.advance(20)
    await expect(w.run(auth.getAccessToken())).rejects.toMatchObject({ code: 'unreachable' })
    const askedMeanwhile = asked
    busy = false
    await w.browser.time.advance(40)
    expect(await w.run(auth.getAccessToken())).not.toBeNull()
    expect(askedMeanwhile).toBeLessThanOrEqual(2)
  })

  test('after repeated failures callers wait out a growing pause instead of asking every time; the network coming back ends it', async () => {
    let down = true
    let asked = 0
    const w = await testWorld({
      between: faulty((_count, send) => {
        asked++
        return down ? Promise.resolve(new Response('', { status: 503 })) : send()
      }),
    })
    const { auth, tab } = await w.signedIn()
    await w.browser.time.advance(61)
    for (let call = 0; call < 50; call++) await w.run(auth.getAccessToken().catch(() => null))
    expect(asked).toBeLessThan(10)
    down = false
    tab.thaw()
    expect(await w.run(auth.getAccessToken())).not.toBeNull()
  })

  test('a timer that slept through the expiry renews when the page wakes, once for all tabs', async () => {
    const w = await testWorld()
    const changes = { renewBeforeExpirySeconds: 10 }
    const opened = [await w.signedIn(changes), await w.open(changes)]
    await w.run(opened[1]?.auth.start() ?? Promise.reject())
    for (const { tab } of opened) tab.freeze()
    await w.browser.time.advance(3600)
    for (const { tab } of opened) tab.thaw()
    await w.browser.time.advance(3)
    expect([w.refreshes(), ...opened.map(({ auth }) => auth.peekAccessToken() !== null)]).toEqual([1, true, true])
  })
})

describe('features 23: without a refresh token', () => {
  test('OIDC Core §3.1.2.1: a session outlives the age that its sign-in could have, and a new sign-in is held to it', async () => {
    const w = await testWorld({ app: { grant_types: ['authorization_code'] } })
    const config = { maxAgeSeconds: 90 }
    const { auth, tab } = await w.signedIn({ ...config, extraParameters: { max_age: '90' } })
    for (const renewals of [1, 2, 3]) {
      await w.browser.time.advance(61)
      await w.run(auth.getAccessToken())
      expect(auth.state).toMatchObject({ status: 'authenticated', renewals })
    }
    tab.close()
    const again = await w.open(config)
    expect((await w.run(again.auth.start())).status).toBe('anonymous')
  })
})

describe('features 34: a device whose clock is wrong', () => {
  test.each([-600, 600])(
    'by %i seconds signs in, renews and calls, although no answer shows a readable date',
    async (clockOffset) => {
      const w = await testWorld({ clockOffset })
      const { auth } = await w.signedIn({ maxAgeSeconds: 300 })
      expect(auth.state.status).toBe('authenticated')
      await w.browser.time.advance(61)
      expect(await w.run(auth.getAccessToken())).not.toBeNull()
    },
  )
})

describe('without Web Locks', () => {
  /** `localStorage` of one origin, for all of its tabs. */
  function sharedStorage(): Storage {
    const records = new Map<string, string>()
    return {
      get length() {
        return records.size
      },
      clear: () => records.clear(),
      getItem: (key) => records.get(key) ?? null,
      key: (index) => [...records.keys()][index] ?? null,
      removeItem: (key) => records.delete(key),
      setItem: (key, value) => records.set(key, value),
    }
  }

  async function lockless(w: TestWorld, count: number): Promise<Opened[]> {
    const storage = sharedStorage()
    await w.signedIn()
    const opened: Opened[] = []
    while (opened.length < count) {
      const { tab } = await w.open()
      const platform = await w.run(tab.page())
      const locks = plainLocks({ runtime: platform.runtime, storage: () => storage })
      const auth = createAuth(w.config, { ...platform, locks })
      await w.run(auth.start())
      opened.push({ tab, auth })
    }
    return opened
  }

  test.each([0, 1, 2].map((offset) => seed + offset))(
    'tabs take turns by localStorage: one refresh for all, without any grace of the provider (seed %i)',
    async (number) => {
      const w = await testWorld({ seed: number })
      const opened = await lockless(w, 4)
      await w.browser.time.advance(61)
      const tokens = await w.run(Promise.all(opened.map(({ auth }) => auth.getAccessToken())))
      expect([new Set(tokens).size, w.refreshes()]).toEqual([1, 1])
    },
  )

  test('a page that leaves in the middle of its work lets go at once', async () => {
    const w = await testWorld()
    const storage = sharedStorage()
    const { runtime } = await w.run((await w.open()).tab.page())
    let leave = () => {}
    const leaving = storageLocks(storage, runtime, (task) => {
      leave = task
    })
    void leaving.exclusive('x', () => new Promise(() => undefined))
    await w.browser.time.advance(1)
    leave()
    const before = w.browser.time.now()
    await w.run(storageLocks(storage, runtime).exclusive('x', async () => undefined))
    expect(w.browser.time.now() - before).toBeLessThan(1)
  })

  test('features 26: a wait outlasts the work, however long that takes; a tab that died lets go when its lease is over', async () => {
    const w = await testWorld()
    const storage = sharedStorage()
    const pages = [await w.open(), await w.open()]
    const locks = await Promise.all(
      pages.map(async ({ tab }) => storageLocks(storage, (await w.run(tab.page())).runtime)),
    )
    const order: string[] = []
    const pause = (seconds: number) =>
      new Promise<void>((done) => w.browser.time.after(seconds, { dead: false, frozen: false }, done))
    const first = locks[0]?.exclusive('x', async () => {
      await pause(300)
      order.push('first')
    })
    await w.browser.time.advance(1)
    const second = locks[1]?.exclusive('x', async () => void order.push('second'))
    await w.run(Promise.all([first, second]))
    expect(order).toEqual(['first', 'second'])
    void locks[0]?.exclusive('x', () => new Promise(() => undefined))
    await w.browser.time.advance(1)
    pages[0]?.tab.close()
    await w.run(locks[1]?.exclusive('x', async () => void order.push('third')) ?? Promise.reject())
    expect(order.at(-1)).toBe('third')
  })
})
