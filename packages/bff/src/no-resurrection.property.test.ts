import { createMemorySessionStore } from '@latchkey/bff/memory-session-store'
import { type TestBff, type TestBffNode, testBff } from '@latchkey/testing'
import fc from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionStore } from './session-store/session-store.ts'

type Verb = (...given: never[]) => Promise<unknown>
let scheduler: fc.Scheduler | null = null
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
      const answer = await verb(...given)
      await step(`${name} answers`)
      return answer
    }
  }
  const verbs = [
    'load',
    'touch',
    'claimRefresh',
    'renewLease',
    'commitTokens',
    'releaseRefresh',
    'revoke',
    'list',
  ] as const
  return { ...store, ...(Object.fromEntries(verbs.map((name) => [name, wrap(name)])) as Partial<SessionStore>) }
}

beforeAll(async () => {
  keys = await generateKeyPair('ES256')
  house = await testBff({ lifetimes: { access_token: 60 }, bff: { store: scheduled(createMemorySessionStore()) } })
  nodes = [house, house.another()]
  const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'k' }
  for (const node of nodes) {
    node.onTheWay = async (url, _, next) => (url.endsWith('/jwks') ? Response.json({ keys: [jwk] }) : next())
  }
})
afterAll(() => house.close())

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

/** Time goes on, so that a waiter that missed its call looks again. */
async function whileTimeGoesOn(work: Promise<unknown>): Promise<void> {
  let done = false
  const ended = work.finally(() => {
    done = true
  })
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve))
    house.runtime.clock.advance(0.02)
  }
  await ended
}

const action = fc.tuple(
  fc.constantFrom(...(Object.keys(actions) as (keyof typeof actions)[])),
  fc.integer({ min: 0, max: 1 }),
)
const ending = fc.tuple(fc.constantFrom('logout', 'backchannel'), fc.integer({ min: 0, max: 1 }))

test('features 48: no interleaving of signing out, sliding, renewing and back-channel logout on two nodes brings a session back', async () => {
  let renewals = 0
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.array(action, { minLength: 1, maxLength: 4 }),
    ending,
    async (order, others, [end, at]) => {
      const signed = await signedIn()
      house.runtime.clock.advance(60)
      scheduler = order
      const before = house.refreshes()
      const all = [...others, [end, at] as const].map(([name, node]) =>
        actions[name as keyof typeof actions](nodes[node] ?? house, signed),
      )
      await whileTimeGoesOn(order.waitFor(Promise.all(all)))
      scheduler = null
      renewals += house.refreshes() - before
      expect(await house.store.load(signed.hash, house.runtime.now())).toBeNull()
      for (const node of nodes) {
        for (const path of ['/bff/user', '/api/x']) expect((await get(node, path, signed.cookie)).status).toBe(401)
      }
    },
  )
  await fc.assert(property, { numRuns: 150 })
  // Runs in which nobody renewed would prove nothing about renewing.
  expect(renewals).toBeGreaterThan(0)
}, 60_000)
