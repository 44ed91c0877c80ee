import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AccountStore, createAccounts } from '@latchkey/accounts'
import { Form } from '@latchkey/protocol'
import type { SignInContext, Store } from '@latchkey/provider'
import {
  createPostgresAccountStore,
  createPostgresStore,
  createSqliteAccountStore,
  createSqliteStore,
  openPostgres,
  openSqlite,
} from '@latchkey/store-sql'
import { decodeProtectedHeader } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Cluster, startCluster, whyNoPostgres } from '../../store-sql/src/trials/postgres-cluster.ts'
import { askWithProof, publicForm } from './dpop-requests.ts'
import { listen } from './listen.ts'
import { newPerson } from './person.ts'
import { client, testApi } from './test-clients.ts'
import { clientAssertion, dpopProof, testKey } from './test-keys.ts'
import { type TestProvider, type TestProviderOptions, testProvider } from './test-provider.ts'
import { testRuntime } from './test-runtime.ts'

interface Node {
  readonly store: Store
  readonly accounts: AccountStore
}

/** A node's own connection to the data that all nodes of the test have. */
let connect: () => Node
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

function open(): Node {
  const node = connect()
  opened.push(node.store, node.accounts)
  return node
}

describe('on one SQLite file', () => {
  const folders: string[] = []
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-shared-'))
    folders.push(folder)
    connect = () => {
      const db = openSqlite(join(folder, 'provider.db'))
      return { store: createSqliteStore(db), accounts: createSqliteAccountStore(db) }
    }
  })
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
  sharedState()
})

describe.skipIf(whyNoPostgres !== null)(
  `in one PostgreSQL schema${whyNoPostgres === null ? '' : ` (${whyNoPostgres})`}`,
  () => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster()
    }, 60_000)
    afterAll(() => cluster.stop())
    beforeEach(async () => {
      const url = await cluster.schema()
      connect = () => {
        const db = openPostgres(url)
        return { store: createPostgresStore(db), accounts: createPostgresAccountStore(db) }
      }
    })
    sharedState()
  },
)

function sharedState(): void {
  replays()
  nonces()
  rateLimits()
  loginAttempts()
  interactions()
  logoutQueue()
  keyChanges()
}

/** Two providers, each with a connection of its own, under one clock. */
async function twoNodes(options: TestProviderOptions = {}): Promise<readonly [TestProvider, TestProvider]> {
  const runtime = testRuntime()
  const node = async () => {
    const kit = await testProvider({ ...options, store: open().store, runtime })
    opened.push(kit)
    return kit
  }
  return [await node(), await node()]
}

/** One address whose requests go to the nodes in turn. */
function inTurn(nodes: readonly TestProvider[]) {
  let turn = 0
  const issuer = nodes[0]?.issuer ?? ''
  return { issuer, fetch: (request: Request) => (nodes[turn++ % nodes.length] as TestProvider).provider.fetch(request) }
}

function replays(): void {
  describe('replays', () => {
    test('features 35, 41: a DPoP proof that one node has taken is refused at the other', async () => {
      const [here, there] = await twoNodes()
      const key = await testKey()
      const proof = await dpopProof(key, { htm: 'POST', htu: `${here.issuer}/token`, now: here.clock.now() })
      const send = async (node: TestProvider) => {
        const body = new URLSearchParams(publicForm(await here.code({ client: 'spa' })) as Record<string, string>)
        return (await node.request('/token', { method: 'POST', headers: { dpop: proof }, body })).json()
      }
      expect((await send(here)).token_type).toBe('DPoP')
      expect(await send(there)).toMatchObject({ error: 'invalid_dpop_proof' })
    })

    test('RFC 7523 §3: of eight uses of one client assertion at two nodes one is taken', async () => {
      const key = await testKey()
      const signer = client({
        client_id: 'signer',
        token_endpoint_auth_method: 'private_key_jwt',
        grant_types: ['client_credentials'],
        scope: 'jobs:run',
        jwks: { keys: [{ ...key.publicJwk }] },
      })
      const nodes = await twoNodes({ moreClients: [signer] })
      const about = { clientId: 'signer', audience: nodes[0].issuer, now: nodes[0].clock.now() }
      const form = { grant_type: 'client_credentials', ...(await clientAssertion(key, about)) }
      const send = (n: number) =>
        (nodes[n % 2] as TestProvider).request('/token', { method: 'POST', body: new URLSearchParams(form) })
      const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => send(n)))
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 401)])
    })
  })
}

function nonces(): void {
  test('DPoP nonces: RFC 9449 §8: a nonce that one node gave is taken by the other', async () => {
    const [here, there] = await twoNodes({ requireDpopNonces: true })
    const key = await testKey()
    const form = publicForm(await here.code({ client: 'spa' }))
    const { nonce } = await askWithProof(here, key, form)
    expect((await askWithProof(there, key, form, { payload: { nonce } })).status).toBe(200)
  })
}

function rateLimits(): void {
  describe('rate limits', () => {
    test('RFC 7591 §5: two nodes together let as many clients register within an hour as one', async () => {
      const address = inTurn(await twoNodes({ registration: { mode: 'open', perHour: 3 } }))
      const body = JSON.stringify({ redirect_uris: ['https://new.example.com/cb'] })
      const headers = { 'content-type': 'application/json' }
      const register = () => address.fetch(new Request(`${address.issuer}/register`, { method: 'POST', headers, body }))
      const statuses: number[] = []
      for (let count = 0; count < 5; count++) statuses.push((await register()).status)
      expect(statuses).toEqual([201, 201, 201, 503, 503])
    })

    test('RFC 8628 §5.1: whoever guesses user codes at two nodes has ten attempts, not twenty', async () => {
      const tv = client({
        client_id: 'tv',
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
      })
      const person = newPerson(inTurn(await twoNodes({ moreClients: [tv] })))
      const signIn = await person.post('/device', { user_code: 'BBBB-BBBB' })
      await person.post(`${signIn.path}/sign-in`, { username: 'alice' })
      const statuses: number[] = []
      for (let tries = 0; tries < 14; tries++)
        statuses.push((await person.submit(await person.open('/device'), { user_code: 'BBBB-BBBB' })).status)
      expect(statuses.indexOf(429)).toBeGreaterThanOrEqual(9)
      expect(statuses.indexOf(429)).toBeLessThanOrEqual(10)
      expect(statuses.slice(-3)).toEqual([429, 429, 429])
    })
  })
}

function loginAttempts(): void {
  test('login attempts: wrong passwords at two nodes are counted together, and a right one clears both', async () => {
    const runtime = testRuntime()
    const users = [{ username: 'alice', password: 'a password of the test', claims: {} }]
    const node = () => createAccounts({ store: open().accounts, runtime, users })
    const nodes = [await node(), await node()]
    const context: SignInContext = {
      clientName: 'Acme',
      action: '/sign-in',
      locale: 'en',
      loginHint: undefined,
      wantedContexts: [],
      registerHref: undefined,
      signInHref: '/sign-in',
      cancelAction: undefined,
      page: ({ status }) => new Response(null, { status: status ?? 200 }),
    }
    let turn = 0
    const attempt = async (password: string) => {
      const accounts = nodes[turn++ % nodes.length]
      const result = await accounts?.signIn(context, Form.of({ username: 'alice', password }))
      return result?.outcome === 'page' ? result.response.status : 'signed in'
    }
    const right = 'a password of the test'
    const wrong: unknown[] = []
    for (let tries = 0; tries < 5; tries++) wrong.push(await attempt('wrong'))
    expect(new Set(wrong).size).toBe(1)
    expect([await attempt(right), await attempt(right)]).toEqual([429, 429])
    runtime.clock.advance(61)
    expect([await attempt(right), await attempt(right)]).toEqual(['signed in', 'signed in'])
  })
}

function interactions(): void {
  test('interactions: a person whose every request meets another node signs in, allows, and gets tokens', async () => {
    const nodes = await twoNodes()
    const person = newPerson(inTurn(nodes))
    const query = new URLSearchParams({
      client_id: 'spa',
      response_type: 'code',
      scope: 'openid profile',
      state: 's',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const signIn = await person.open(`/authorize?${query}`)
    const consent = await person.post(`${signIn.path}/sign-in`, { username: 'alice' })
    const back = await person.submit(consent, { decision: 'allow' })
    const code = back.leftTo?.searchParams.get('code') ?? ''
    const redeem = (node: TestProvider) =>
      node.token('spa', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: 'https://spa.example.com/cb',
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      })
    expect((await redeem(nodes[1])).access_token).toBeTruthy()
  })
}

function logoutQueue(): void {
  test('the back-channel queue: Back-Channel Logout §2.5: what one node could not deliver the other delivers', async () => {
    const statuses = [503]
    const tokens: string[] = []
    const told = await listen(async (request) => {
      tokens.push(await request.text())
      return new Response(null, { status: statuses.shift() ?? 200 })
    })
    opened.push(told)
    const notes = client({
      client_id: 'notes',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://notes.example.com/cb'],
      require_consent: false,
      backchannel_logout_uri: `${told.origin}/backchannel`,
    })
    const issuer = 'http://127.0.0.1:8000'
    const [here, there] = await twoNodes({ issuer, moreClients: [notes] })
    const person = newPerson(here.provider)
    const query = 'client_id=notes&response_type=code&scope=openid&code_challenge_method=S256'
    const page = await person.open(`/authorize?${query}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM`)
    await person.post(`${page.path}/sign-in`, { username: 'alice' })
    await person.submit(await person.open('/end-session'), {})
    const happened = (node: TestProvider, type: string) => node.events.filter((event) => event.type === type).length
    await vi.waitFor(() => expect(happened(here, 'logout.failed')).toBe(1))
    await here.close()
    there.clock.advance(10)
    await vi.waitFor(() => expect(happened(there, 'logout.delivered')).toBe(1))
    expect(tokens).toHaveLength(2)
  })
}

function keyChanges(): void {
  test('key changes: a key that one node ended is believed and used by no other', async () => {
    const [here, there] = await twoNodes()
    const jwt = (node: TestProvider) => node.signIn({ resource: testApi, scope: 'openid' })
    const before = await jwt(here)
    const kid = String(decodeProtectedHeader(before.access_token).kid)
    const status = async () =>
      (await there.request('/userinfo', { headers: { authorization: `Bearer ${before.access_token}` } })).status
    expect(await status()).toBe(200)
    await here.provider.keys.compromise(kid)
    await vi.waitFor(async () => {
      there.clock.advance(2)
      expect(await status()).toBe(401)
    })
    const after = await jwt(there)
    expect(decodeProtectedHeader(after.access_token).kid).not.toBe(kid)
    const seen = await here.request('/userinfo', { headers: { authorization: `Bearer ${after.access_token}` } })
    expect(seen.status).toBe(200)
  })
}
