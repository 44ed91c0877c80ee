import { testApi } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { tokensInWorker, type WorkerLike } from '../parts/worker-tokens.ts'
import { silentSignIn } from '../silent-sign-in.ts'
import { apiOrigin, type Opened } from '../simulated/simulated-world.ts'
import { type TestWorld, testWorld } from '../test-world.ts'
import { type KeeperQuestion, sentError } from './keeper-messages.ts'
import { createTokenKeeper } from './token-keeper.ts'

/** The real keeper behind messages that are copied, as a worker's are; `seen` is all that the page could ever see. */
function workerOf(runtime: Parameters<typeof createTokenKeeper>[0], seen: unknown[]): WorkerLike {
  const keeper = createTokenKeeper(runtime) as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  let listener: (event: { data?: unknown }) => void = () => undefined
  const post = (message: unknown) => {
    const data = structuredClone(message)
    seen.push(data)
    listener({ data })
  }
  return {
    addEventListener(type, heard) {
      if (type === 'message') listener = heard
    },
    postMessage(message) {
      const { id, call, given } = structuredClone(message) as KeeperQuestion
      const asked = keeper[call]
      void asked?.(...given).then(
        (value) => post({ id, value }),
        (error: unknown) => post({ id, error: sentError(error) }),
      )
    },
    terminate: () => undefined,
  }
}

async function signedIn(w: TestWorld, options: Parameters<typeof tokensInWorker>[1] = {}) {
  const seen: unknown[] = []
  const { tab } = await w.open()
  const begin = await w.run(tab.page())
  const part = (runtime: typeof begin.runtime) => [
    silentSignIn(),
    tokensInWorker(() => workerOf(runtime, seen), options),
  ]
  const leaving = await w.load(tab, { parts: part(begin.runtime) })
  await w.run(leaving.auth.signIn())
  const page = await w.run(tab.page())
  const opened: Opened = await w.load(tab, { parts: part(page.runtime) })
  await w.run(opened.auth.start())
  return { ...opened, seen }
}

const refreshTokensOf = (w: TestWorld) =>
  w.tokenRequests.map((form) => form.get('refresh_token')).filter((token) => token !== null)

describe('tokens in a worker', () => {
  test("the refresh token works, and nothing that leaves the worker has it; not even the page's own view", async () => {
    const w = await testWorld()
    const { auth, seen } = await signedIn(w)
    const first = await w.run(auth.getAccessToken())
    await w.browser.time.advance(61)
    const second = await w.run(auth.getAccessToken())
    expect([second !== first, second !== null, auth.getTokens()?.refreshToken]).toEqual([true, true, null])
    const sent = refreshTokensOf(w)
    expect(sent).toHaveLength(1)
    for (const token of sent) expect(JSON.stringify(seen)).not.toContain(token)
    await w.run(auth.revoke('refresh_token'))
    expect([auth.state.status, w.revocations.length]).toEqual(['anonymous', 1])
  })

  test('with expose fetch the page sees no access token either, and the worker sends to its own table alone', async () => {
    const w = await testWorld()
    const { auth, seen } = await signedIn(w, { expose: 'fetch' })
    expect((await w.run(auth.fetch(`${apiOrigin}/x`))).status).toBe(200)
    const token = w.apiSaw.at(-1)?.replace('Bearer ', '') ?? ''
    expect(token.length).toBeGreaterThan(20)
    expect(JSON.stringify(seen)).not.toContain(token)
    await expect(w.run(auth.getAccessToken())).rejects.toMatchObject({ code: 'token_not_in_browser' })
    expect([auth.peekAccessToken(), auth.getTokens()?.accessToken]).toEqual([null, ''])
    await w.browser.time.advance(61)
    expect((await w.run(auth.fetch(`${apiOrigin}/x`))).status).toBe(200)
    expect(w.refreshes()).toBe(1)
  })

  test('features 21: a script of the page cannot talk the worker into another address, or open it again with other rules', async () => {
    const w = await testWorld()
    const { tab } = await w.open()
    const { runtime } = await w.run(tab.page())
    const keeper = createTokenKeeper(runtime)
    const options = {
      issuer: w.house.issuer,
      clientId: 'app',
      href: 'https://app.test/',
      routes: [apiOrigin],
      dpop: false,
      signatures: false,
      expose: 'fetch',
    } as const
    await keeper.open(options)
    await expect(keeper.open({ ...options, routes: ['https://evil.test'] })).rejects.toMatchObject({
      code: 'response_invalid',
    })
    for (const url of ['https://evil.test/x', `${apiOrigin}.evil.test/x`, `${apiOrigin}@evil.test/`]) {
      const sending = keeper.send({ url, method: 'GET', headers: [], body: null }, 'held:anything')
      await expect(w.run(sending)).rejects.toThrow('sends no token')
    }
  })

  test('each tab has a session of its own, and signing out in one signs every tab out', async () => {
    const w = await testWorld()
    const one = await signedIn(w)
    const two = await signedIn(w)
    await w.browser.time.advance(61)
    const tokens = await w.run(Promise.all([one.auth.getAccessToken(), two.auth.getAccessToken()]))
    expect([new Set(tokens).size, w.refreshes()]).toEqual([2, 2])
    void one.auth.signOut({ where: 'browser' })
    await w.browser.time.advance(1)
    expect([one.auth.state.status, two.auth.state.status]).toEqual(['anonymous', 'anonymous'])
  })

  test('RFC 9449 §7: a key of the worker binds the tokens, and its proofs come out one by one', async () => {
    const w = await testWorld({ app: { resources: [testApi] } })
    const { auth } = await signedIn(w, { dpop: true })
    expect(auth.getTokens()?.tokenType).toBe('DPoP')
    const ask = () => w.run(auth.requestToken({ url: `${apiOrigin}/x`, method: 'GET' }))
    const proofs = [await ask(), await ask()].map((token) => token?.headers.dpop)
    expect(new Set(proofs).size).toBe(2)
    await w.browser.time.advance(61)
    expect(await w.run(auth.getAccessToken())).not.toBeNull()
  })

  test('errors keep their meaning on the way out of the worker', async () => {
    let down = false
    const w = await testWorld({
      between: (request, send) =>
        down && request.url.endsWith('/token')
          ? Promise.resolve(new Response('', { status: 503, headers: { 'retry-after': '7' } }))
          : send(request),
    })
    const { auth } = await signedIn(w)
    await w.browser.time.advance(61)
    down = true
    await expect(w.run(auth.getAccessToken())).rejects.toMatchObject({
      code: 'unreachable',
      retryable: true,
      retryAfterSeconds: 7,
    })
    expect(auth.state.status).toBe('authenticated')
  })
})
