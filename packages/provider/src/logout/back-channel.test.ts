import { createMemoryStore } from '@latchkey/provider/memory-store'
import { client, type Listening, listen, newPerson, testProvider, testRuntime } from '@latchkey/testing'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'

const issuer = 'http://127.0.0.1:8000'
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

/** A client that listens, answering each logout token with the next status, the last for good. */
async function listener(...statuses: number[]) {
  const tokens: string[] = []
  const served: Listening = await listen(async (request) => {
    tokens.push(new URLSearchParams(await request.text()).get('logout_token') ?? '')
    const status = statuses.length > 1 ? statuses.shift() : statuses[0]
    return new Response(null, { status: status ?? 200 })
  })
  opened.push(served)
  return { tokens, uri: `${served.origin}/backchannel` }
}

function notes(id: string, uri?: string) {
  return client({
    client_id: id,
    token_endpoint_auth_method: 'none',
    redirect_uris: [`https://${id}.example.com/cb`],
    require_consent: false,
    ...(uri === undefined ? {} : { backchannel_logout_uri: uri }),
  })
}

const authorize = (id: string) =>
  `/authorize?${new URLSearchParams({
    redirect_uri: `https://${id}.example.com/cb`,
    client_id: id,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })}`

async function house(clients: ReturnType<typeof notes>[], options: Parameters<typeof testProvider>[0] = {}) {
  const kit = await testProvider({ issuer, moreClients: clients, ...options })
  opened.push(kit)
  const person = newPerson(kit.provider)
  async function signIn(id: string) {
    const page = await person.open(authorize(id))
    if (page.leftTo === null) await person.post(`${page.path}/sign-in`, { username: 'alice' })
  }
  const signOut = async () => person.submit(await person.open('/end-session'), {})
  const told = (type: string) => kit.events.filter((event) => event.type === type)
  return { ...kit, person, signIn, signOut, told }
}

describe('Back-Channel Logout', () => {
  test('§2.5: when a person is ended, the clients of their session are told, and the browser is signed out', async () => {
    const a = await listener(200)
    const kit = await house([notes('a', a.uri)])
    await kit.signIn('a')
    await kit.provider.endSubject('alice-1')
    await vi.waitFor(() => expect(kit.told('logout.delivered')).toHaveLength(1))
    expect((await kit.person.open(authorize('a'))).leftTo).toBeNull()
  })

  test('§2.4, §2.5: every client of the session gets a logout token of its own, and no other client does', async () => {
    const [a, b, other] = [await listener(200), await listener(204), await listener(200)]
    const kit = await house([notes('a', a.uri), notes('b', b.uri), notes('other', other.uri), notes('untold')])
    for (const id of ['a', 'b', 'untold']) await kit.signIn(id)
    await kit.signOut()
    await vi.waitFor(() => expect(kit.told('logout.delivered')).toHaveLength(2))
    expect([a.tokens.length, b.tokens.length, other.tokens.length]).toEqual([1, 1, 0])
    const keys = createLocalJWKSet(await (await kit.request('/jwks')).json())
    const [token = ''] = a.tokens
    const { payload } = await jwtVerify(token, keys, { currentDate: new Date(kit.clock.now() * 1000) })
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'logout+jwt', alg: 'RS256' })
    expect(payload).toEqual({
      iss: issuer,
      sub: 'alice-1',
      aud: 'a',
      iat: kit.clock.now(),
      exp: kit.clock.now() + 120,
      jti: expect.any(String),
      sid: expect.any(String),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    expect(payload).not.toHaveProperty('nonce')
  })

  test('§2.4: a logout token is no ID token: it vouches for no sign-out and no sign-in', async () => {
    const a = await listener(200)
    const kit = await house([notes('a', a.uri)])
    await kit.signIn('a')
    await kit.signOut()
    await vi.waitFor(() => expect(a.tokens).toHaveLength(1))
    await kit.signIn('a')
    const page = await kit.person.open(`/end-session?id_token_hint=${a.tokens[0]}`)
    expect(page.text).toContain('Sign out?')
  })

  test('§2.8: a client that fails is tried again with growing pauses, each time with a fresh token, until it takes one', async () => {
    const a = await listener(500, 400, 200)
    const kit = await house([notes('a', a.uri)])
    await kit.signIn('a')
    await kit.signOut()
    await vi.waitFor(() => expect(kit.told('logout.failed')).toHaveLength(1))
    kit.clock.advance(10)
    await vi.waitFor(() => expect(kit.told('logout.failed')).toHaveLength(2))
    kit.clock.advance(10)
    expect(a.tokens).toHaveLength(2)
    kit.clock.advance(10)
    await vi.waitFor(() => expect(kit.told('logout.delivered')).toHaveLength(1))
    expect(new Set(a.tokens).size).toBe(3)
    kit.clock.advance(100_000)
    expect(a.tokens).toHaveLength(3)
  })

  test('§2.5: a slow client is cut off after five seconds and holds up nobody', async () => {
    const asked: (() => void)[] = []
    const never = await listen(
      () =>
        new Promise(() => {
          for (const resolve of asked) resolve()
        }),
    )
    opened.push(never)
    const quick = await listener(200)
    const kit = await house([notes('slow', `${never.origin}/`), notes('quick', quick.uri)])
    for (const id of ['slow', 'quick']) await kit.signIn(id)
    const reached = new Promise<void>((resolve) => asked.push(resolve))
    const page = await kit.signOut()
    expect(page.text).toContain('You are signed out')
    await reached
    await vi.waitFor(() => expect(quick.tokens).toHaveLength(1))
    kit.clock.advance(5)
    await vi.waitFor(() => expect(kit.told('logout.failed')[0]?.detail).toContain('too-slow'))
  })

  test('§2.5: what a process could not deliver, the next one does after a restart', async () => {
    const a = await listener(503, 200)
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const first = await house([notes('a', a.uri)], { store, runtime })
    await first.signIn('a')
    await first.signOut()
    await vi.waitFor(() => expect(first.told('logout.failed')).toHaveLength(1))
    await first.provider.close()
    const second = await house([notes('a', a.uri)], { store, runtime })
    runtime.clock.advance(10)
    await vi.waitFor(() => expect(second.told('logout.delivered')).toHaveLength(1))
    expect(first.told('logout.delivered')).toHaveLength(0)
  })

  test('§2.5: of two nodes one delivers', async () => {
    const a = await listener(503, 200)
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const nodes = [
      await house([notes('a', a.uri)], { store, runtime }),
      await house([notes('a', a.uri)], { store, runtime }),
    ]
    const [one] = nodes
    await one?.signIn('a')
    await one?.signOut()
    await vi.waitFor(() => expect(one?.told('logout.failed')).toHaveLength(1))
    runtime.clock.advance(10)
    const delivered = () => nodes.flatMap((node) => node.told('logout.delivered'))
    await vi.waitFor(() => expect(delivered()).toHaveLength(1))
    expect(a.tokens).toHaveLength(2)
  })

  test('§2.5: after a day it is given up', async () => {
    const a = await listener(500)
    const kit = await house([notes('a', a.uri)])
    await kit.signIn('a')
    await kit.signOut()
    for (let tries = 1; tries < 60 && !kit.events.some(({ detail }) => detail?.includes('given up')); tries++) {
      await vi.waitFor(() => expect(kit.told('logout.failed').length).toBeGreaterThanOrEqual(tries))
      kit.clock.advance(3610)
    }
    const tried = a.tokens.length
    kit.clock.advance(100_000)
    expect(kit.events.some(({ detail }) => detail?.includes('given up'))).toBe(true)
    expect(a.tokens).toHaveLength(tried)
  })

  test('an address inside the network is not called', async () => {
    const kit = await house([notes('a', 'https://169.254.169.254/latest')])
    await kit.signIn('a')
    await kit.signOut()
    await vi.waitFor(() => expect(kit.told('logout.failed')[0]?.detail).toContain('forbidden-address'))
  })

  test('another person who signs in in this browser ends the session of the one before', async () => {
    const a = await listener(200)
    const kit = await house([notes('a', a.uri)])
    await kit.signIn('a')
    const page = await kit.person.open(`${authorize('a')}&prompt=login`)
    await kit.person.post(`${page.path}/sign-in`, { username: 'root' })
    await vi.waitFor(() => expect(kit.told('logout.delivered')).toMatchObject([{ clientId: 'a', sub: 'alice-1' }]))
    expect(kit.told('session.ended')).toMatchObject([{ sub: 'alice-1' }])
    const kept = await kit.store.audit.list({ type: 'session.ended', limit: 9 })
    expect(kept).toMatchObject([{ sub: 'alice-1' }])
  })

  test('§2.5: a process that ends right behind the act has lost no logout token: the next one sends it, once', async () => {
    const a = await listener(200)
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const first = await house([notes('a', a.uri)], { store, runtime })
    await first.signIn('a')
    const [session] = await store.sessions.list('alice-1', runtime.clock.now())
    await first.provider.close()
    await store.sessions.endOf('alice-1', { only: session?.sid ?? '' }, runtime.clock.now())
    const nodes = [
      await house([notes('a', a.uri)], { store, runtime }),
      await house([notes('a', a.uri)], { store, runtime }),
    ]
    runtime.clock.advance(10)
    const delivered = () => nodes.flatMap((node) => node.told('logout.delivered'))
    await vi.waitFor(() => expect(delivered()).toMatchObject([{ clientId: 'a', sub: 'alice-1' }]))
    runtime.clock.advance(4000)
    expect(a.tokens).toHaveLength(1)
  })

  test('§2.1, §2.2: metadata says so, and what is for a client without an address does not stay in the queue', async () => {
    const kit = await house([notes('a')])
    expect(kit.provider.metadata).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    })
    await kit.signIn('a')
    await kit.signOut()
    let now = kit.clock.now()
    await vi.waitFor(async () => {
      now += 60
      expect(await kit.store.logoutDeliveries.claim({ now, leaseSeconds: 1, limit: 10 })).toEqual([])
    })
    expect(kit.told('logout.failed')).toEqual([])
  })
})
