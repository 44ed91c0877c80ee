import { readRevocation, readSnapshot } from '@latchkey/protocol'
import { basic, client, type TestProvider, testApi, testProvider, testRuntime } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const secret = 'guard-secret-guard-secret-guard'
const guard = client({
  client_id: 'guard',
  client_secret: secret,
  grant_types: [],
  resources: [testApi],
  revocation_feed: true,
})
const asGuard = { authorization: basic('guard', secret) }
let idp: TestProvider

beforeEach(async () => {
  idp = await testProvider({ moreClients: [guard], runtime: testRuntime() })
})
afterEach(() => idp.close())

async function revoke(): Promise<void> {
  const { access_token } = await idp.signIn({ scope: 'read:messages', resource: testApi })
  expect((await idp.post('/revoke', 'web', { token: access_token })).status).toBe(200)
}

async function poll(body: object = {}) {
  const text = JSON.stringify({ returnImmediately: true, ...body })
  const headers = { ...asGuard, 'content-type': 'application/json', 'content-length': String(text.length) }
  const response = await idp.request('/revocations/poll', { method: 'POST', headers, body: text })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

/** Reads the stream until `count` events came. */
async function stream(count: number, headers: Record<string, string> = {}): Promise<readonly string[]> {
  const response = await idp.request('/revocations', { headers: { ...asGuard, ...headers } })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (text.split('\n\n').length <= count) text += decoder.decode((await reader.read()).value, { stream: true })
  await reader.cancel()
  return text.split('\n\n').slice(0, count)
}

describe('who may read', () => {
  test.each(['/revocations', '/revocations/snapshot'])(
    '%s: only an authenticated client with the flag',
    async (path) => {
      expect((await idp.request(path)).status).toBe(401)
      expect((await idp.request(path, { headers: { authorization: basic('guard', 'wrong') } })).status).toBe(401)
      const web = basic('web', 'web-secret-web-secret-web-secret')
      expect((await idp.request(path, { headers: { authorization: web } })).status).toBe(403)
    },
  )

  test('a stream ends when its client may no longer read', async () => {
    const stored = { ...guard, client_id: 'stored-guard', redirect_uris: [] }
    const { client_secret: _, ...metadata } = stored
    const now = idp.clock.now()
    const { createHash } = await import('node:crypto')
    const secretHashes = [createHash('sha256').update(secret).digest('base64url')]
    await idp.store.clients.create({ metadata, secretHashes, version: 1, createdAt: now, updatedAt: now })
    const headers = { authorization: basic('stored-guard', secret) }
    const response = await idp.request('/revocations', { headers })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await idp.store.clients.delete('stored-guard', now)
    idp.clock.advance(6)
    let ended = false
    for (let index = 0; index < 3 && !ended; index++) {
      const next = reader.read()
      await new Promise((resolve) => setImmediate(resolve))
      idp.clock.advance(6)
      ended = (await next).done
    }
    expect(ended).toBe(true)
  })
})

describe('RFC 8417: security event tokens', () => {
  test('§2.2: signed by the provider, for the feed, telling what was revoked', async () => {
    await revoke()
    const [first = ''] = await stream(1)
    const [id = '', event, data = ''] = first.split('\n').map((line) => line.slice(line.indexOf(' ') + 1))
    expect(event).toBe('set')
    const claims = claimsOf(data)
    expect(claims).toMatchObject({ iss: idp.issuer, aud: `${idp.issuer}/revocations`, jti: id })
    expect(readRevocation(claims)).toMatchObject({ kind: 'token' })
    expect(JSON.parse(Buffer.from(data.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      typ: 'secevent+jwt',
    })
  })

  test('CAEP §3.1: the end of a session is CAEP’s own event', async () => {
    const { sid } = await idp.code({})
    await idp.store.revocations.append({ kind: 'session', id: sid, at: 1, expiresAt: idp.clock.now() + 100 })
    const { body } = await poll()
    const claims = claimsOf(Object.values(body.sets as Record<string, string>)[0] ?? '')
    expect(Object.keys(claims.events as object)).toEqual([
      'https://schemas.openid.net/secevent/caep/event-type/session-revoked',
    ])
    expect(readRevocation(claims)).toMatchObject({ kind: 'session', id: sid })
  })
})

describe('going on', () => {
  test('a stream goes on after Last-Event-ID, without what was had', async () => {
    for (let index = 0; index < 3; index++) await revoke()
    const all = await stream(4)
    expect(all.at(-1)).toContain('event: synced')
    const second = /^id: (.*)$/m.exec(all[1] ?? '')?.[1] ?? ''
    expect((await stream(2, { 'last-event-id': second }))[0]).toBe(all[2])
  })

  test('a log that was begun anew says so, instead of leaving a gap', async () => {
    await revoke()
    for (const cursor of ['1.AAAAAAAAAAAAAAAA', '7.AAAAAAAAAAAAAAAA', 'x']) {
      expect((await stream(1, { 'last-event-id': cursor }))[0]).toContain('event: reset')
      expect((await poll({ after: cursor })).body).toMatchObject({ reset: true })
    }
  })

  test('an open stream is told at once, and of nothing else every few seconds', async () => {
    const response = await idp.request('/revocations', { headers: asGuard })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const next = async () => new TextDecoder().decode((await reader.read()).value)
    expect(await next()).toContain('event: synced')
    const told = next()
    await revoke()
    expect(await told).toMatch(/event: set[\s\S]*event: synced/)
    const beat = next()
    await new Promise((resolve) => setImmediate(resolve))
    idp.clock.advance(5)
    expect(await beat).toMatch(/^event: synced/)
    await reader.cancel()
  })
})

describe('RFC 8936 §2: polling', () => {
  test('gives what is not acknowledged, in pages', async () => {
    for (let index = 0; index < 3; index++) await revoke()
    const first = await poll({ maxEvents: 2 })
    expect(Object.keys(first.body.sets as object)).toHaveLength(2)
    expect(first.body.moreAvailable).toBe(true)
    const rest = await poll({ ack: Object.keys(first.body.sets as object) })
    expect(Object.keys(rest.body.sets as object)).toHaveLength(1)
    expect((await poll({ after: rest.body.cursor })).body.sets).toEqual({})
  })

  test.each([{ maxEvents: -1 }, { maxEvents: 'x' }, { returnImmediately: 1 }, { ack: 'x' }, { after: 1 }])(
    'refuses %j',
    async (body) => expect((await poll(body)).status).toBe(400),
  )
})

test('the snapshot holds what still matters, and where to go on', async () => {
  await revoke()
  await idp.store.revocations.append({ kind: 'key', id: 'old', at: 1, expiresAt: 2 })
  await idp.store.revocations.append({ kind: 'key', id: 'k', at: 1, expiresAt: idp.clock.now() + 100 })
  const response = await idp.request('/revocations/snapshot', { headers: asGuard })
  expect(response.headers.get('content-type')).toBe('application/secevent+jwt')
  const page = readSnapshot(claimsOf(await response.text()))
  expect(page).toMatchObject({ more: false, entries: [{ kind: 'token' }, { kind: 'key', id: 'k' }] })
  expect((await stream(1, { 'last-event-id': page?.cursor ?? '' }))[0]).toContain('event: synced')
})

test('RFC 8414 §2: the metadata names the three endpoints', () => {
  expect(idp.provider.metadata).toMatchObject({
    revocation_feed_endpoint: `${idp.issuer}/revocations`,
    revocation_feed_poll_endpoint: `${idp.issuer}/revocations/poll`,
    revocation_feed_snapshot_endpoint: `${idp.issuer}/revocations/snapshot`,
  })
})
