import { client, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
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

const statuses = (opened: readonly Opened[]) => opened.map(({ auth }) => auth.state.status)

describe('the end of a session', () => {
  test('features 29: signing out in one tab signs every tab out at once and revokes at the provider', async () => {
    const w = await world()
    const opened = await tabs(w, 3)
    const [first, second] = opened
    void first.auth.signOut()
    await w.browser.time.advance(0.1)
    expect(second?.auth.state).toEqual({ status: 'anonymous', because: 'signed-out-elsewhere' })
    await w.browser.time.advance(5)
    expect(w.revocations).toHaveLength(1)
    const left = new URL(first.tab.visited.at(-1) ?? '')
    expect(left.pathname).toBe('/end-session')
    expect([...left.searchParams.keys()].sort()).toEqual([
      'client_id',
      'id_token_hint',
      'post_logout_redirect_uri',
      'state',
    ])
    const back = await w.load(first.tab)
    expect(await w.run(back.auth.start())).toEqual({ status: 'anonymous', because: 'signed-out' })
    expect(back.tab.href).toBe('https://app.test/')
    expect(statuses(opened.slice(1))).toEqual(['anonymous', 'anonymous'])
  })

  test('features 29: without an end-session endpoint nothing stays behind either', async () => {
    const w = await world({
      between: async (request, send) => {
        const response = await send(request)
        if (!request.url.includes('/.well-known/')) return response
        const { end_session_endpoint, ...metadata } = await response.json()
        return Response.json(metadata)
      },
    })
    const [first, second] = await tabs(w, 2)
    await w.run(first.auth.signOut())
    await w.browser.time.advance(1)
    expect(first.auth.state).toEqual({ status: 'anonymous', because: 'signed-out' })
    expect(second?.auth.state.status).toBe('anonymous')
    expect([await w.run(first.auth.getAccessToken()), first.auth.getIdToken()]).toEqual([null, null])
  })

  test('signing out works while the provider is away; a local one never asks it', async () => {
    let away = false
    const w = await world({
      between: (request, send) => (away ? Promise.reject(new TypeError('Failed to fetch')) : send(request)),
    })
    const { auth } = await w.signedIn()
    away = true
    await w.run(auth.signOut())
    expect(auth.state.status).toBe('anonymous')
    away = false
    const other = await world()
    const local = await other.signedIn()
    await other.run(local.auth.signOut({ local: true }))
    expect([local.auth.state.status, other.revocations.length]).toEqual(['anonymous', 0])
  })

  test.each([0, 1, 2, 3].map((offset) => firstSeed + offset))(
    'a renewal that ends after the sign-out does not bring the session back (seed %i)',
    async (seed) => {
      const w = await world({ seed })
      const opened = await tabs(w, 4)
      await w.browser.time.advance(61)
      const waiting = opened.slice(1).map(({ auth }) => auth.getAccessToken())
      await w.browser.time.advance(0.03)
      void opened[0].auth.signOut({ local: true })
      const tokens = await w.run(Promise.all(waiting))
      await w.browser.time.advance(1)
      expect(statuses(opened)).toEqual(Array(4).fill('anonymous'))
      const after = await w.run(Promise.all(opened.map(({ auth }) => auth.getAccessToken())))
      expect(after).toEqual([null, null, null, null])
      expect(tokens.every((token) => token === null || typeof token === 'string')).toBe(true)
    },
  )

  test('features 29: a sign-in that another tab has just completed ends with the sign-out, however the messages cross', async () => {
    const w = await world()
    const first = await w.signedIn()
    const second = await w.open()
    await w.run(second.auth.signIn())
    const back = await w.load(second.tab)
    await w.run(back.auth.start())
    void first.auth.signOut({ local: true })
    await w.browser.time.advance(1)
    expect(statuses([first, back])).toEqual(['anonymous', 'anonymous'])
    await w.browser.time.advance(10)
    const third = await w.signedIn()
    await w.browser.time.advance(1)
    expect(statuses([first, back, third])).toEqual(Array(3).fill('authenticated'))
  })

  test('a message that is late does not bring an ended session back', async () => {
    const w = await world()
    const [first, second, third] = await tabs(w, 3)
    third?.tab.freeze()
    await w.browser.time.advance(61)
    await w.run(second?.auth.getAccessToken() ?? Promise.reject())
    await w.run(first.auth.signOut({ local: true }))
    third?.tab.thaw()
    await w.browser.time.advance(10)
    expect(statuses([first, ...(second ? [second] : []), ...(third ? [third] : [])])).toEqual(
      Array(3).fill('anonymous'),
    )
  })

  test('revoking the refresh token ends the session everywhere; the next API call goes out bare and answers 401', async () => {
    const w = await world()
    const [first, second] = await tabs(w, 2)
    await w.run(first.auth.revoke('refresh_token'))
    await w.browser.time.advance(1)
    for (const opened of [first, second]) {
      expect(opened?.auth.state).toEqual({ status: 'anonymous', because: 'revoked' })
    }
    const response = await w.run(first.auth.fetch(`${apiOrigin}/x`))
    expect([response.status, w.apiSaw]).toEqual([401, [null]])
  })

  test('a revoked access token is never used again in any tab: the next caller renews', async () => {
    const w = await world()
    const [first, second] = await tabs(w, 2)
    const revoked = await w.run(first.auth.getAccessToken())
    await w.run(first.auth.revoke('access_token'))
    await w.browser.time.advance(1)
    const next = await w.run(second?.auth.getAccessToken() ?? Promise.reject())
    expect(next).not.toBe(revoked)
    expect(await w.run(first.auth.getAccessToken())).toBe(next)
    expect([w.refreshes(), w.revocations.length]).toEqual([1, 1])
  })
})

test('one renewal and one replay on 401, with the new token', async () => {
  const w = await world()
  const { auth } = await w.signedIn()
  const old = await w.run(auth.getAccessToken())
  w.apiAccepts = async (authorization) => authorization !== `Bearer ${old}`
  const answers = await w.run(
    Promise.all(Array.from({ length: 20 }, () => auth.fetch(`${apiOrigin}/x`, { method: 'POST', body: 'hello' }))),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(w.refreshes()).toBe(1)
})

test('features 21: a token goes to secure routes only', async () => {
  const w = await world({
    between: async (request, send) =>
      request.url.includes('evil') ? new Response(request.headers.get('authorization')) : send(request),
  })
  const { auth } = await w.signedIn({ secureRoutes: [`${apiOrigin}/v1`] })
  await w.run(auth.fetch(`${apiOrigin}/v1x`))
  const lookalike = await w.run(auth.fetch(`${apiOrigin}.evil.test/v1`))
  const userinfo = await w.run(auth.fetch(`${apiOrigin}/v1/a`))
  expect([await lookalike.text(), userinfo.status]).toEqual(['', 200])
  expect(w.apiSaw).toEqual([null, expect.stringMatching(/^Bearer /)])
})
