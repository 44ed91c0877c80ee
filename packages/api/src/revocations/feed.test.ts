import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import { client, type TestProvider, testApi, testOpaqueApi, testProvider, testRuntime } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ApiGuard, type ApiGuardOptions, createApiGuard } from '../api-guard.ts'
import type { GuardEvent } from '../guard-event.ts'
import type { RevocationOptions } from './options.ts'

const clientSecret = 'guard-secret-guard-secret-guard'
const guardClient = client({
  client_id: 'guard',
  client_secret: clientSecret,
  grant_types: [],
  resources: [testApi, testOpaqueApi],
  revocation_feed: true,
})

const pairwise = client({
  client_id: 'pairwise',
  client_secret: clientSecret,
  redirect_uris: ['https://pairwise.example.com/cb'],
  subject_type: 'pairwise',
})

let runtime: ReturnType<typeof testRuntime>
let idp: TestProvider
let server: Server | null
let origin: string
let guards: ApiGuard[]
let events: GuardEvent[]
let folder: string
const store = { current: createMemoryStore() }

beforeEach(async () => {
  runtime = testRuntime()
  store.current = createMemoryStore()
  guards = []
  events = []
  folder = mkdtempSync(join(tmpdir(), 'latchkey-feed-'))
  await serve(0)
})
afterEach(async () => {
  await Promise.all(guards.map((guard) => guard.close()))
  await cut()
  rmSync(folder, { recursive: true })
})

/** The provider in front of the same store, at the same address as before. */
async function serve(port: number): Promise<void> {
  server = createServer(getRequestListener((request) => idp.provider.fetch(request)))
  await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  idp = await testProvider({ issuer: origin, runtime, store: store.current, moreClients: [guardClient, pairwise] })
}

async function cut(): Promise<void> {
  server?.closeAllConnections()
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)))
  server = null
  await idp.close()
}

function newGuard(revocations: Partial<RevocationOptions> = {}, options: Partial<ApiGuardOptions> = {}): ApiGuard {
  const guard = createApiGuard({
    issuer: origin,
    audience: [testApi, testOpaqueApi],
    runtime,
    revocations: { clientId: 'guard', clientSecret, ...revocations },
    onEvent: (event) => events.push(event),
    ...options,
  })
  guards.push(guard)
  return guard
}

async function status(guard: ApiGuard, token: string | undefined): Promise<number> {
  const decision = await guard.authenticate({ authorization: `Bearer ${token}` })
  return decision.outcome === 'refused' ? decision.refusal.status : 200
}

const signIn = () => idp.signIn({ scope: 'openid read:messages', resource: testApi })
const revoke = (token: string | undefined) => idp.post('/revoke', 'web', { token })
const fresh = (guard: ApiGuard) => expect.poll(() => guard.feeds()[0]?.fresh, { timeout: 5000 }).toBe(true)
/** Moves on until the guard tries again. */
async function reconnected(guard: ApiGuard): Promise<void> {
  const since = runtime.clock.now() + 1
  const wait = { timeout: 5000, interval: 20 }
  await expect
    .poll(() => {
      runtime.clock.advance(1)
      return runtime.clock.now() - (guard.feeds()[0]?.ageSeconds ?? 0)
    }, wait)
    .toBeGreaterThan(since)
}

describe.each(['stream', 'poll'] as const)('features 17: what is revoked is refused; transport %s', (transport) => {
  test('the very JWT, seen before or not', async () => {
    const guard = newGuard({ transport })
    const [one, two] = [await signIn(), await signIn()]
    await fresh(guard)
    expect(await status(guard, one.access_token)).toBe(200)
    await revoke(one.access_token)
    await revoke(two.access_token)
    await expect.poll(() => status(guard, one.access_token)).toBe(401)
    await expect.poll(() => status(guard, two.access_token)).toBe(401)
    expect(await status(guard, (await signIn()).access_token)).toBe(200)
  })

  test('every token of a family whose refresh token was revoked, of a session, a subject, a client, a key', async () => {
    const guard = newGuard({ transport })
    await fresh(guard)
    const later = runtime.clock.now() + 3600
    const tokens = await Promise.all([signIn(), signIn(), signIn()])
    const [family, session, others] = tokens
    for (const one of tokens) expect(await status(guard, one.access_token)).toBe(200)
    await revoke(family?.refresh_token)
    await expect.poll(() => status(guard, family?.access_token)).toBe(401)
    const { sid } = JSON.parse(Buffer.from(session?.access_token.split('.')[1] ?? '', 'base64url').toString())
    await store.current.families.revokeSession({ sid, sub: '' }, runtime.clock.now())
    await expect.poll(() => status(guard, session?.access_token)).toBe(401)
    expect(await status(guard, others?.access_token)).toBe(200)
    await store.current.revocations.append({ kind: 'client', id: 'web', at: runtime.clock.now(), expiresAt: later })
    await expect.poll(() => status(guard, others?.access_token)).toBe(401)
  })
})

test('a compromised key: every token it signed is refused, and tokens of its successor pass', async () => {
  const guard = newGuard()
  const { access_token } = await signIn()
  await fresh(guard)
  expect(await status(guard, access_token)).toBe(200)
  const { kid } = JSON.parse(Buffer.from(access_token?.split('.')[0] ?? '', 'base64url').toString())
  await idp.provider.keys.compromise(kid)
  await expect.poll(() => status(guard, access_token)).toBe(401)
  expect(await status(guard, (await signIn()).access_token)).toBe(200)
})

test('a person who is ended: every token in their name, under whatever subject, and nobody else’s', async () => {
  const guard = newGuard()
  await fresh(guard)
  const asked = { scope: 'openid read:messages', resource: testApi }
  const tokens = [await signIn(), await idp.signIn({ ...asked, client: 'pairwise' })]
  const other = await idp.signIn({ ...asked, username: 'root' })
  for (const { access_token } of [...tokens, other]) expect(await status(guard, access_token)).toBe(200)
  await idp.provider.endSubject('alice-1')
  for (const { access_token } of tokens) await expect.poll(() => status(guard, access_token)).toBe(401)
  expect(await status(guard, other.access_token)).toBe(200)
})

test('features 19: a guard that starts knows what was revoked before', async () => {
  const { access_token } = await signIn()
  await revoke(access_token)
  const guard = newGuard()
  expect(await status(guard, access_token)).toBe(401)
})

test('features 19: what was revoked while the connection was cut is refused when it is back; the provider was restarted', async () => {
  const guard = newGuard()
  const { access_token } = await signIn()
  await fresh(guard)
  expect(await status(guard, access_token)).toBe(200)
  const { port } = new URL(origin)
  await cut()
  const { jti, exp } = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString())
  await store.current.accessTokens.revokeJwt(jti, exp, runtime.clock.now())
  await serve(Number(port))
  await reconnected(guard)
  expect(await status(guard, access_token)).toBe(401)
})

test('a provider that lost its log gives a snapshot, and nothing is missed', async () => {
  const guard = newGuard()
  await revoke((await signIn()).access_token)
  await fresh(guard)
  await expect.poll(() => guard.feeds()[0]?.held).toBeGreaterThan(0)
  const { port } = new URL(origin)
  await cut()
  store.current = createMemoryStore()
  await serve(Number(port))
  const { access_token } = await signIn()
  await revoke(access_token)
  await reconnected(guard)
  expect(await status(guard, access_token)).toBe(401)
})

describe('a feed older than its limit', () => {
  async function afterOutage(whenStale: 'introspect' | 'refuse' | 'accept', isProviderUp: boolean) {
    const guard = newGuard({ whenStale, transport: 'stream' }, {})
    const [one, two] = [await signIn(), await signIn()]
    await fresh(guard)
    await revoke(two.access_token)
    await expect.poll(() => status(guard, two.access_token)).toBe(401)
    expect(await status(guard, one.access_token)).toBe(200)
    await guard.close()
    if (!isProviderUp) await cut()
    runtime.clock.advance(30)
    expect(await status(guard, one.access_token)).toBe(200)
    runtime.clock.advance(1)
    return Promise.all([status(guard, one.access_token), status(guard, two.access_token)])
  }

  test('introspect: the provider is asked about each token', async () => {
    expect(await afterOutage('introspect', true)).toEqual([200, 401])
    expect(events).toContainEqual({ type: 'judged-stale', did: 'introspect' })
  })
  test('features 36: introspect while the provider is down is 503, never 401 and never 200', async () => {
    expect((await afterOutage('introspect', false))[0]).toBe(503)
  })
  test('refuse: 503', async () => {
    expect(await afterOutage('refuse', false)).toEqual([503, 503])
  })
  test('accept: what is held still counts, and an event tells of it', async () => {
    expect(await afterOutage('accept', false)).toEqual([200, 401])
    expect(events).toContainEqual({ type: 'judged-stale', did: 'accept' })
  })
})

test('features 19: a guard restarted while the provider is down still refuses what was revoked', async () => {
  const persistTo = join(folder, 'revocations')
  const first = newGuard({ persistTo })
  const [kept, revoked] = [await signIn(), await signIn()]
  await fresh(first)
  expect(await status(first, kept.access_token)).toBe(200)
  await revoke(revoked.access_token)
  await expect.poll(() => status(first, revoked.access_token)).toBe(401)
  await first.close()
  const second = newGuard({ persistTo, whenStale: 'refuse' })
  expect(await status(second, kept.access_token)).toBe(200)
  await second.close()
  const third = newGuard({ persistTo, whenStale: 'refuse' })
  // Its keys are had once, then the provider goes away.
  expect(await status(third, kept.access_token)).toBe(200)
  await cut()
  expect(await status(third, revoked.access_token)).toBe(401)
})

test('a stream that was opened with a token ends when it is revoked', async () => {
  const guard = newGuard()
  const { access_token } = await signIn()
  await fresh(guard)
  const decision = await guard.authenticate({ authorization: `Bearer ${access_token}` })
  if (decision.outcome !== 'admitted') throw new Error('it should pass')
  const { signal } = guard.watch(decision.auth)
  expect(signal.aborted).toBe(false)
  await revoke(access_token)
  await expect.poll(() => signal.reason).toBe('revoked')
})

test('RFC 7662 §2: an opaque token passes by introspection until it is revoked; one question for many requests', async () => {
  let asked = 0
  const counting = {
    ...runtime,
    fetch: (...given: Parameters<typeof runtime.fetch>) => {
      if (String(given[0]).endsWith('/introspect')) asked++
      return runtime.fetch(...given)
    },
  }
  const guard = newGuard({}, { introspection: { clientId: 'guard', clientSecret }, runtime: counting })
  const { access_token } = await idp.signIn({ scope: 'read:notes', resource: testOpaqueApi })
  const answers = await Promise.all(Array.from({ length: 20 }, () => status(guard, access_token)))
  expect(new Set(answers)).toEqual(new Set([200]))
  expect(asked).toBe(1)
  await revoke(access_token)
  runtime.clock.advance(1)
  expect(await status(guard, access_token)).toBe(401)
  expect(await status(guard, 'made-up')).toBe(401)
})

test('wrong credentials at the feed leave the guard stale, not open', async () => {
  const errors: unknown[] = []
  const guard = newGuard(
    { clientSecret: 'wrong-wrong-wrong', whenStale: 'refuse' },
    { onError: (error) => errors.push(error) },
  )
  const { access_token } = await signIn()
  await expect.poll(() => errors.length).toBeGreaterThan(0)
  const answer = status(guard, access_token)
  for (let index = 0; index < 8; index++) {
    await new Promise((resolve) => setImmediate(resolve))
    runtime.clock.advance(1)
  }
  expect(await answer).toBe(503)
  expect(String(errors[0])).toContain('answered 401')
})
