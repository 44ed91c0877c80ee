import { createMemoryStore } from '@latchkey/provider/memory-store'
import {
  client,
  type Listening,
  listen,
  newPerson,
  type TestProviderOptions,
  testProvider,
  testRuntime,
} from '@latchkey/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

const issuer = 'http://127.0.0.1:8000'
const grant_type = 'urn:openid:params:grant-type:ciba'
const token = 'a-token-of-the-till-for-once'
const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

/** A till that listens, answering each call with the next status, the last for good. */
async function setUp(...statuses: number[]) {
  return setUpWith({}, statuses)
}

async function setUpWith(options: TestProviderOptions, statuses: number[]) {
  const calls: { authorization: string | null; body: unknown }[] = []
  const served: Listening = await listen(async (request) => {
    calls.push({ authorization: request.headers.get('authorization'), body: await request.json() })
    const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 204
    return new Response(null, { status, headers: { location: 'http://127.0.0.1:1/' } })
  })
  const till = client({
    client_id: 'till',
    client_secret: 'till-secret-till-secret-till',
    grant_types: [grant_type],
    backchannel_token_delivery_mode: 'ping',
    backchannel_client_notification_endpoint: `${served.origin}/ciba`,
  })
  const kit = await testProvider({ issuer, moreClients: [till], ciba: {}, ...options })
  opened.push(kit, served)
  const send = (more: Record<string, string> = {}) =>
    kit.post('/bc-authorize', 'till', { scope: 'openid', login_hint: 'alice', ...more })
  const begin = async () => (await (await send({ client_notification_token: token })).json()).auth_req_id as string
  const decide = async (decision: 'allow' | 'deny') => {
    const person = newPerson(kit.provider)
    const page = await person.post(`${(await person.open('/approvals')).path}/sign-in`, { username: 'alice' })
    const href = /href="(\/approvals\/[\w-]{22})"/.exec(page.text)?.[1] ?? ''
    return person.submit(await person.open(href), { decision })
  }
  const toldCalls = (count: number) => vi.waitFor(() => expect(calls).toHaveLength(count))
  const failures = () => kit.events.filter(({ detail }) => detail?.startsWith('the notification endpoint') === true)
  const poll = (auth_req_id: string) => kit.token('till', { grant_type, auth_req_id })
  return { ...kit, calls, send, begin, decide, toldCalls, failures, poll }
}

describe('CIBA in ping mode', () => {
  test.each(['allow', 'deny'] as const)(
    'CIBA Core §10.2: a client is told that the person decided, by its own token: %s',
    async (decision) => {
      const { begin, decide, calls, toldCalls, poll } = await setUp(204)
      const auth_req_id = await begin()
      expect(calls).toEqual([])
      await decide(decision)
      await toldCalls(1)
      expect(calls).toEqual([{ authorization: `Bearer ${token}`, body: { auth_req_id } }])
      const answer = poll(auth_req_id)
      if (decision === 'allow') expect((await answer).access_token).toBeTruthy()
      else await expect(answer).rejects.toMatchObject({ code: 'access_denied' })
    },
  )

  test('CIBA Core §10.2: a client that cannot answer is called again until it does', async () => {
    const { begin, decide, calls, failures, clock, provider } = await setUp(503, 429, 204)
    await begin()
    await decide('allow')
    await vi.waitFor(
      () => {
        clock.advance(2)
        expect(calls).toHaveLength(3)
      },
      { timeout: 5000 },
    )
    await provider.close()
    clock.advance(200)
    expect(calls).toHaveLength(3)
    expect(failures()).toEqual([])
  })

  test('CIBA Core §10.2: what a process could not tell, the next one does after a restart', async () => {
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const first = await setUpWith({ store, runtime }, [503])
    const authReqId = await first.begin()
    await first.decide('allow')
    await first.toldCalls(1)
    await first.provider.close()
    const second = await setUpWith({ store, runtime }, [204])
    runtime.clock.advance(10)
    await second.toldCalls(1)
    expect(second.calls).toEqual([{ authorization: `Bearer ${token}`, body: { auth_req_id: authReqId } }])
    runtime.clock.advance(100)
    expect([first.calls.length, second.calls.length]).toEqual([1, 1])
  })

  test('CIBA Core §10.2: of two people who press at once the client hears once', async () => {
    const { begin, decide, toldCalls, calls, clock } = await setUp(204)
    await begin()
    await Promise.all([decide('allow'), decide('allow')])
    await toldCalls(1)
    clock.advance(60)
    expect(calls).toHaveLength(1)
  })

  test.each([400, 401, 302])(
    'CIBA Core §10.2: an answer of %i is final, said in an event without the token, and polling still works',
    async (status) => {
      const { begin, decide, toldCalls, failures, clock, poll } = await setUp(status)
      const auth_req_id = await begin()
      await decide('allow')
      await vi.waitFor(() => expect(failures()).toHaveLength(1))
      expect(failures()[0]).toMatchObject({ type: 'request.failed', clientId: 'till', sub: 'alice-1' })
      expect(JSON.stringify(failures())).not.toContain(token)
      expect(JSON.stringify(failures())).not.toContain(auth_req_id)
      clock.advance(100)
      await toldCalls(1)
      expect((await poll(auth_req_id)).access_token).toBeTruthy()
    },
  )

  test('CIBA Core §7.1: without a token, or with one that can be guessed or is no Bearer token, nothing begins', async () => {
    const { send } = await setUp(204)
    for (const wrong of [undefined, 'short', 'x'.repeat(1025), `${token} x`, `${token}\r\nx: y`]) {
      const response = await send(wrong === undefined ? {} : { client_notification_token: wrong })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ error: 'invalid_request' })
    }
  })

  test('features 18: neither the token nor the auth_req_id stands in the store', async () => {
    const { begin, store, clock } = await setUp(204)
    const auth_req_id = await begin()
    const { hashHandle } = await import('../crypto.ts')
    const hash = hashHandle(auth_req_id)
    const record = hash === null ? null : await store.pendingGrants.find(hash, clock.now())
    expect(record?.request.ping).toEqual(expect.any(String))
    expect(JSON.stringify(record)).not.toContain(token)
    expect(JSON.stringify(record)).not.toContain(auth_req_id)
  })

  test('CIBA Core §4: both modes are advertised, and ping needs an address', async () => {
    const { provider } = await setUp(204)
    expect(provider.metadata).toMatchObject({ backchannel_token_delivery_modes_supported: ['poll', 'ping'] })
    expect(() =>
      client({ client_id: 'x', grant_types: [grant_type], backchannel_token_delivery_mode: 'ping' }),
    ).toThrow('backchannel_client_notification_endpoint is needed')
  })
})
