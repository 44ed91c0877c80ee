import { createAccounts } from '@latchkey/accounts'
import { Form } from '@latchkey/protocol'
import type { SignInContext } from '@latchkey/provider'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { askWithProof, publicForm } from './dpop-requests.ts'
import { listen } from './listen.ts'
import { newPerson } from './person.ts'
import { client, testApi } from './test-clients.ts'
import { clientAssertion, dpopProof, testKey } from './test-keys.ts'
import type { TestProvider, TestProviderOptions } from './test-provider.ts'
import { testRuntime } from './test-runtime.ts'
import { onSharedPlaces, type SharedPlace } from './test-shared-places.ts'

onSharedPlaces(sharedState)

function sharedState(place: SharedPlace): void {
  replays(place)
  nonces(place)
  rateLimits(place)
  loginAttempts(place)
  interactions(place)
  logoutQueue(place)
  keyChanges(place)
}

type Pair = readonly [TestProvider, TestProvider]

const twoNodes = async ({ nodes }: SharedPlace, options: TestProviderOptions = {}): Promise<Pair> =>
  (await nodes(2, options)) as unknown as Pair

/** One address whose requests go to the nodes in turn. */
function inTurn(nodes: readonly TestProvider[]) {
  let turn = 0
  const issuer = nodes[0]?.issuer ?? ''
  return { issuer, fetch: (request: Request) => (nodes[turn++ % nodes.length] as TestProvider).provider.fetch(request) }
}

function replays(place: SharedPlace): void {
  describe('replays', () => {
    test('features 35, 41: a DPoP proof that one node has taken is refused at the other', async () => {
      const [here, there] = await twoNodes(place)
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
      const nodes = await twoNodes(place, { moreClients: [signer] })
      const about = { clientId: 'signer', audience: nodes[0].issuer, now: nodes[0].clock.now() }
      const form = { grant_type: 'client_credentials', ...(await clientAssertion(key, about)) }
      const send = (n: number) =>
        (nodes[n % 2] as TestProvider).request('/token', { method: 'POST', body: new URLSearchParams(form) })
      const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => send(n)))
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 401)])
    })
  })
}

function nonces(place: SharedPlace): void {
  test('DPoP nonces: RFC 9449 §8: a nonce that one node gave is taken by the other', async () => {
    const [here, there] = await twoNodes(place, { requireDpopNonces: true })
    const key = await testKey()
    const form = publicForm(await here.code({ client: 'spa' }))
    const { nonce } = await askWithProof(here, key, form)
    expect((await askWithProof(there, key, form, { payload: { nonce } })).status).toBe(200)
  })
}

function rateLimits(place: SharedPlace): void {
  describe('rate limits', () => {
    test('RFC 7591 §5: two nodes together let as many clients register within an hour as one', async () => {
      const address = inTurn(await twoNodes(place, { registration: { mode: 'open', perHour: 3 } }))
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
      const person = newPerson(inTurn(await twoNodes(place, { moreClients: [tv] })))
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

function loginAttempts(place: SharedPlace): void {
  test('login attempts: wrong passwords at two nodes are counted together, and a right one clears both', async () => {
    const runtime = testRuntime()
    const users = [{ username: 'alice', password: 'a password of the test', claims: {} }]
    const node = () => createAccounts({ store: place.open().accounts, runtime, users })
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

function interactions(place: SharedPlace): void {
  test('interactions: a person whose every request meets another node signs in, allows, and gets tokens', async () => {
    const nodes = await twoNodes(place)
    const person = newPerson(inTurn(nodes))
    const query = new URLSearchParams({
      client_id: 'spa',
      redirect_uri: 'https://spa.example.com/cb',
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

function logoutQueue(place: SharedPlace): void {
  test('the back-channel queue: Back-Channel Logout §2.5: what one node could not deliver the other delivers', async () => {
    const statuses = [503]
    const tokens: string[] = []
    const told = await listen(async (request) => {
      tokens.push(await request.text())
      return new Response(null, { status: statuses.shift() ?? 200 })
    })
    place.closing(told)
    const notes = client({
      client_id: 'notes',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://notes.example.com/cb'],
      require_consent: false,
      backchannel_logout_uri: `${told.origin}/backchannel`,
    })
    const issuer = 'http://127.0.0.1:8000'
    const [here, there] = await twoNodes(place, { issuer, moreClients: [notes] })
    const person = newPerson(here.provider)
    const query =
      'client_id=notes&redirect_uri=https://notes.example.com/cb&response_type=code&scope=openid&code_challenge_method=S256'
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

function keyChanges(place: SharedPlace): void {
  test('key changes: a key that one node ended is believed and used by no other', async () => {
    const [here, there] = await twoNodes(place)
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
