import { basic, client, type TestProviderOptions, testProvider } from '@latchkey/testing'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory-store.ts'

const right = 'machine-secret-machine-secret'
const signing = client({
  client_id: 'signing',
  client_secret: 'signing-secret-signing-secret-signing',
  token_endpoint_auth_method: 'client_secret_jwt',
  grant_types: ['client_credentials'],
})

/** A provider that takes the address of a request from a header of the test's own. */
async function guarded(options: TestProviderOptions = {}) {
  const clientAddress = (request: Request) => request.headers.get('x-test-address')
  const kit = await testProvider({ moreClients: [signing], clientAddress, ...options })
  const send = (address: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...form })
    return kit.request('/token', { method: 'POST', headers: { ...headers, 'x-test-address': address }, body })
  }
  const present = (address: string, secret: string, id = 'machine') =>
    send(address, {}, { authorization: basic(id, secret) })
  /** The statuses of so many different wrong secrets. */
  const guess = async (address: string, times: number, id = 'machine') => {
    const statuses: number[] = []
    for (let index = 0; index < times; index++) statuses.push((await present(address, `guess ${index}`, id)).status)
    return statuses
  }
  return { ...kit, send, present, guess }
}

const alone = '203.0.113.7'
const elsewhere = '198.51.100.9'

test('RFC 6749 §2.3.1: after 20 wrong secrets no further one is looked at, not even the right one', async () => {
  const { guess, present, clock } = await guarded()
  expect(await guess(alone, 20)).toEqual(Array(20).fill(401))
  const refused = await present(alone, 'guess 20')
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable' })
  const unseen = await present(alone, right)
  expect(unseen.status).toBe(429)
  const wait = Number(unseen.headers.get('retry-after'))
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(300)
  clock.advance(wait)
  expect((await present(alone, right)).status).toBe(200)
})

test('whoever guesses keeps nobody out: the client is served elsewhere, and other clients at the same address', async () => {
  const { guess, present, post } = await guarded()
  await guess(alone, 30)
  expect((await present(elsewhere, right)).status).toBe(200)
  expect((await present(elsewhere, 'wrong')).status).toBe(401)
  expect((await present(alone, 'wrong', 'api')).status).toBe(401)
  expect((await post('/token', 'machine', { grant_type: 'client_credentials' })).status).toBe(200)
})

test('an IPv6 network of 64 bits is one place, and the next another', async () => {
  const { present } = await guarded()
  for (let index = 0; index < 20; index++) await present(`2001:db8:1:2::${index.toString(16)}`, `guess ${index}`)
  expect((await present('2001:db8:1:2:ffff::1', right)).status).toBe(429)
  expect((await present('2001:db8:1:3::1', right)).status).toBe(200)
})

test('a client that was given a wrong secret and tries on is told so each time, and right as soon as it has the right one', async () => {
  const { present } = await guarded()
  for (let index = 0; index < 60; index++) expect((await present(alone, 'the one before')).status).toBe(401)
  expect((await present(alone, right)).status).toBe(200)
})

test('however many guess at once, 20 learn that they are wrong', async () => {
  const { present } = await guarded()
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => present(alone, `guess ${index}`)))
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(20)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(180)
})

test('nodes of one store count together, and so does one that is started anew', async () => {
  const store = createMemoryStore()
  const [here, there] = [await guarded({ store }), await guarded({ store })]
  await here.guess(alone, 12)
  expect(await there.guess(alone, 9)).toEqual([...Array(8).fill(401), 429])
  expect((await here.present(alone, 'one more')).status).toBe(429)
  expect((await here.present(alone, right)).status).toBe(429)
  const restarted = await guarded({ store })
  expect((await restarted.present(alone, 'one more')).status).toBe(429)
})

test('a right secret asks the store nothing more, and writes nothing more, whatever others sent', async () => {
  const store = createMemoryStore()
  const asked: string[] = []
  const remember: typeof store.replays.remember = (key, ...at) => {
    asked.push(key)
    return store.replays.remember(key, ...at)
  }
  const { guess, present } = await guarded({ store: { ...store, replays: { remember } } })
  await guess(alone, 20)
  const before = asked.length
  expect(before).toBe(20)
  expect((await present(elsewhere, right)).status).toBe(200)
  expect((await present(alone, right)).status).toBe(429)
  expect(asked).toHaveLength(before)
  expect(JSON.stringify(asked)).not.toContain('guess')
})

test('secrets in the body, in the header and behind signatures count together by client', async () => {
  const { send } = await guarded()
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const assertion = async (key: string) =>
    new SignJWT({ jti: key })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('signing')
      .setSubject('signing')
      .setAudience('https://id.example.com')
      .setIssuedAt(1)
      .setExpirationTime(2)
      .sign(Buffer.from(key.padEnd(32, '.')))
  const statuses: number[] = []
  for (let index = 0; index < 7; index++) {
    const jwt = { client_assertion_type: type, client_assertion: await assertion(`key ${index}`) }
    statuses.push((await send(alone, jwt)).status)
    statuses.push((await send(alone, { client_id: 'signing', client_secret: `posted ${index}` })).status)
    statuses.push((await send(alone, {}, { authorization: basic('signing', `in the header ${index}`) })).status)
  }
  expect(statuses).toEqual([...Array(20).fill(401), 429])
})

test('an assertion that the right secret signed is no guess, however old it is', async () => {
  const { send } = await guarded()
  const secret = Buffer.from(String(signing.client_secret))
  for (let index = 0; index < 25; index++) {
    const jwt = await new SignJWT({ jti: `${index}` })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('signing')
      .setSubject('signing')
      .setAudience('https://id.example.com')
      .setExpirationTime(2)
      .sign(secret)
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    expect((await send(alone, { client_assertion_type: type, client_assertion: jwt })).status).toBe(401)
  }
})

test('a client that does not exist is answered like one that does', async () => {
  const { guess, present } = await guarded()
  expect(await guess(alone, 21, 'nobody')).toEqual(await guess(elsewhere, 21))
  const [unknown, known] = [await present(alone, 'again', 'nobody'), await present(elsewhere, 'again')]
  const said = async (answer: Response) => ({ ...(await answer.json()), request_id: '' })
  expect(await said(unknown)).toEqual(await said(known))
})

test('every endpoint that clients authenticate at refuses together', async () => {
  const { guess, request } = await guarded()
  await guess(alone, 21)
  for (const path of ['/introspect', '/revoke', '/par', '/device_authorization']) {
    const headers = { authorization: basic('machine', right), 'x-test-address': alone }
    expect([
      path,
      (await request(path, { method: 'POST', headers, body: new URLSearchParams({ token: 'x' }) })).status,
    ]).toEqual([path, 429])
  }
})

test('where addresses are not known the client is never kept out, and the operator is told', async () => {
  const { guess, present, events } = await guarded({ clientAddress: () => null, wrongSecrets: { most: 2 } })
  const statuses = await guess(alone, 101)
  expect(statuses).toEqual([...Array(100).fill(401), 429])
  expect((await present(alone, right)).status).toBe(200)
  expect(events.filter(({ type }) => type === 'client.secret-guessed-at')).toHaveLength(1)
})

test('the operator is told once a window, by an event without a secret in it', async () => {
  const { guess, events, clock } = await guarded({ wrongSecrets: { most: 3, windowSeconds: 60 } })
  const told = () => events.filter(({ type }) => type === 'client.secret-guessed-at')
  await guess(alone, 10)
  expect(told()).toMatchObject([
    { clientId: 'machine', detail: `3 different wrong secrets for client "machine", from ${alone}` },
  ])
  clock.advance(60)
  await guess(alone, 10)
  expect(told()).toHaveLength(2)
  expect(JSON.stringify(events)).not.toContain('guess 1')
})

test.each([{ most: 0 }, { most: 1001 }, { windowSeconds: 0.5 }, { seconds: 5 }])(
  'a limit that cannot be is refused at the start: %j',
  async (wrongSecrets) => {
    await expect(guarded({ wrongSecrets })).rejects.toThrow('wrongSecrets.')
  },
)
