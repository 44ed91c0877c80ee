import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemorySessionStore } from '@latchkey/bff/memory-session-store'
import { createRedisSessionStore } from '@latchkey/store-redis'
import { createPostgresSessionStore, createSqliteSessionStore, openPostgres, openSqlite } from '@latchkey/store-sql'
import { type TestBff, type TestBffNode, testBff } from '@latchkey/testing'
import fc from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis, whyNoRedis } from '../../store-redis/src/trials/redis-server.ts'
import { startCluster, whyNoPostgres } from '../../store-sql/src/trials/postgres-cluster.ts'
import type { SessionStore } from './session-store/session-store.ts'

type Verb = (...given: never[]) => Promise<unknown>
let scheduler: fc.Scheduler | null = null
/** Verbs that were answered in this run. */
let steps = 0
/** Verbs that a store is working on. */
let working = 0
let house: TestBff
let nodes: readonly TestBffNode[]
let keys: Awaited<ReturnType<typeof generateKeyPair>>
let serial = 0

/** A store whose every verb takes effect, and whose every answer arrives, when the scheduler says so. */
function scheduled(store: SessionStore): SessionStore {
  const step = async (name: string) => scheduler?.schedule(Promise.resolve(), name)
  const wrap = (name: keyof SessionStore) => {
    const verb = store[name] as Verb
    return async (...given: never[]) => {
      await step(`${name} begins`)
      working++
      const answer = await verb(...given).finally(() => working--)
      await step(`${name} answers`)
      steps++
      return answer
    }
  }
  const verbs = [
    'load',
    'touch',
    'claimRefresh',
    'announceRequest',
    'renewLease',
    'commitTokens',
    'releaseRefresh',
    'revoke',
    'list',
  ] as const
  return { ...store, ...(Object.fromEntries(verbs.map((name) => [name, wrap(name)])) as Partial<SessionStore>) }
}

interface Backend {
  readonly name: string
  readonly runs: number
  /** Why it cannot be tried here, or null. */
  readonly missing: string | null
  /** Two nodes' connections to one place; the last function ends what was started for it. */
  open(): Promise<readonly [SessionStore, SessionStore, () => Promise<void> | void]>
}

const backends: readonly Backend[] = [
  {
    ...{ name: 'in memory', runs: 100, missing: null },
    async open() {
      const store = createMemorySessionStore()
      return [store, store, () => {}]
    },
  },
  {
    ...{ name: 'in one SQLite file', runs: 60, missing: null },
    async open() {
      const folder = mkdtempSync(join(tmpdir(), 'bff-resurrection-'))
      const store = () => createSqliteSessionStore(openSqlite(join(folder, 'sessions.db')))
      return [store(), store(), () => rmSync(folder, { recursive: true })]
    },
  },
  {
    ...{ name: 'in PostgreSQL', runs: 40, missing: whyNoPostgres },
    async open() {
      const cluster = await startCluster()
      const schema = await cluster.schema()
      const store = () => createPostgresSessionStore(openPostgres(schema))
      return [store(), store(), () => cluster.stop()]
    },
  },
  {
    ...{ name: 'in Redis', runs: 40, missing: whyNoRedis },
    async open() {
      const server = await startRedis()
      const store = () => createRedisSessionStore({ socketPath: server.socketPath })
      return [store(), store(), () => server.stop()]
    },
  },
]

async function openHouse(backend: Backend): Promise<() => Promise<void>> {
  const [here, there, end] = await backend.open()
  keys = await generateKeyPair('ES256')
  house = await testBff({ lifetimes: { access_token: 60 }, bff: { store: scheduled(here) } })
  nodes = [house, house.another({ store: scheduled(there) })]
  const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'k' }
  for (const node of nodes) {
    node.onTheWay = async (url, _, next) => (url.endsWith('/jwks') ? Response.json({ keys: [jwk] }) : next())
  }
  return async () => {
    await house.close()
    for (const store of new Set([here, there])) await store.close()
    await end()
  }
}

async function logoutToken(sid: string | null): Promise<string> {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  return new SignJWT({ sid, events, jti: `jti-${serial++}` })
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'logout+jwt' })
    .setIssuer(house.provider.issuer)
    .setAudience('bff')
    .setIssuedAt(Math.floor(house.runtime.now()))
    .sign(keys.privateKey)
}

interface Signed {
  readonly cookie: string
  readonly logoutUrl: string
  readonly logoutToken: string
}

const actions = {
  slide: (node, { cookie }) => get(node, '/bff/user', cookie),
  renew: (node, { cookie }) => get(node, '/api/x', cookie),
  logout: (node, { cookie, logoutUrl }) => get(node, logoutUrl, cookie),
  async backchannel(node, { logoutToken }) {
    const body = new URLSearchParams({ logout_token: logoutToken }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }
    return node.bff.handle(new Request(`${house.origin}/bff/backchannel`, { method: 'POST', body, headers }))
  },
} satisfies Record<string, (node: TestBffNode, signed: Signed) => Promise<Response>>

function get(node: TestBffNode, path: string, cookie: string): Promise<Response> {
  return node.bff.handle(new Request(house.origin + path, { headers: { cookie, 'x-csrf': '1' } }))
}

async function signedIn(): Promise<Signed & { readonly hash: string }> {
  const browser = await house.signIn()
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
  const user: Record<string, string> = await (await get(house, '/bff/user?format=object', cookie)).json()
  const rows = await house.store.list({ sub: 'alice-1' }, { limit: 9, now: house.runtime.now() })
  const [row] = rows
  if (row === undefined || rows.length !== 1) throw new Error(`${rows.length} sessions live before the run`)
  return { cookie, hash: row.hash, logoutUrl: user['bff:logout_url'] ?? '', logoutToken: await logoutToken(row.sid) }
}

/** Resolves after so many steps of the others, or when they are done. */
async function endAfter(count: number, others: readonly Promise<unknown>[]): Promise<void> {
  let done = false
  Promise.allSettled(others).then(() => {
    done = true
  })
  while (!done && steps < count) await new Promise((resolve) => setImmediate(resolve))
}

const refreshes = () => nodes.reduce((sum, node) => sum + node.refreshes(), 0)

/** Time goes on, so that a waiter that missed its call looks again; but not because a store is slow today. */
async function whileTimeGoesOn(work: Promise<unknown>): Promise<void> {
  let done = false
  const ended = work.finally(() => {
    done = true
  })
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve))
    if (working === 0) house.runtime.clock.advance(0.005)
  }
  await ended
}

const action = fc.tuple(
  fc.constantFrom(...(Object.keys(actions) as (keyof typeof actions)[])),
  fc.integer({ min: 0, max: 1 }),
)
/** How, where and after how many of the others' steps the session ends. */
const ending = fc.tuple(
  fc.constantFrom('logout' as const, 'backchannel' as const),
  fc.integer({ min: 0, max: 1 }),
  fc.nat(28),
)
/** One renewal at least, and what comes in its way. */
const requests = fc
  .tuple(fc.integer({ min: 0, max: 1 }), fc.array(action, { maxLength: 3 }))
  .map(([node, others]): readonly [keyof typeof actions, number][] => [['renew', node], ...others])

describe.each(backends)('$name', (backend) => {
  let close = async () => {}
  beforeAll(async () => {
    if (backend.missing === null) close = await openHouse(backend)
  }, 60_000)
  afterAll(() => close())

  test.skipIf(backend.missing !== null)(
    'features 48: no interleaving of signing out, sliding, renewing and back-channel logout on two nodes brings a session back',
    async () => {
      // Runs in which nobody renewed would prove nothing about renewing.
      expect(await renewalsIn(backend.runs)).toBeGreaterThan(0)
    },
    60_000,
  )
})

/** Lives through so many interleavings; how many token requests there were among them. */
async function renewalsIn(runs: number): Promise<number> {
  let renewals = 0
  const property = fc.asyncProperty(fc.scheduler(), requests, ending, async (order, others, [end, at, after]) => {
    const signed = await signedIn()
    house.runtime.clock.advance(60)
    scheduler = order
    const before = refreshes()
    steps = 0
    const running = others.map(([name, node]) => actions[name](nodes[node] ?? house, signed))
    const all = Promise.all([...running, endAfter(after, running).then(() => actions[end](nodes[at] ?? house, signed))])
    await whileTimeGoesOn(order.waitFor(all))
    scheduler = null
    renewals += refreshes() - before
    expect(await house.store.load(signed.hash, house.runtime.now())).toBeNull()
    for (const node of nodes) {
      for (const path of ['/bff/user', '/api/x']) expect((await get(node, path, signed.cookie)).status).toBe(401)
    }
  })
  await fc.assert(property, { numRuns: runs })
  return renewals
}
