import { readSnapshot } from '@latchkey/protocol'
import { basic, client, type TestProvider, testApi, testOpaqueApi, testProvider } from '@latchkey/testing'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const secret = 'guard-secret-guard-secret-guard'
const guard = client({ client_id: 'guard', client_secret: secret, grant_types: [], revocation_feed: true })
const asGuard = { authorization: basic('guard', secret) }
let idp: TestProvider

beforeEach(async () => {
  idp = await testProvider({ moreClients: [guard] })
})
afterEach(() => idp.close())

async function openStream(headers: Record<string, string> = {}) {
  const response = await idp.request('/revocations', { headers: { ...asGuard, ...headers } })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  return { reader, next: async () => new TextDecoder().decode((await reader.read()).value) }
}

async function revoke(): Promise<void> {
  const { access_token } = await idp.signIn({ scope: 'read:messages', resource: testApi })
  await idp.post('/revoke', 'web', { token: access_token })
}

describe('a provider that stops', () => {
  test('ends open streams, whose readers go on elsewhere by Last-Event-ID, and answers all else', async () => {
    await revoke()
    const { reader, next } = await openStream()
    const id = /^id: (.*)$/m.exec(await next())?.[1] ?? ''
    const last = reader.read()
    await new Promise((resolve) => setImmediate(resolve))
    idp.provider.drain()
    expect(await last).toMatchObject({ done: true })
    expect(await (await openStream()).next()).toBe('')
    expect((await idp.request('/jwks')).status).toBe(200)
    await revoke()
    const other = await testProvider({ moreClients: [guard], store: idp.store, runtime: idp.runtime })
    const response = await other.request('/revocations', { headers: { ...asGuard, 'last-event-id': id } })
    const onward = (response.body as ReadableStream<Uint8Array>).getReader()
    const text = new TextDecoder().decode((await onward.read()).value)
    expect(text.match(/^event: set$/gm)).toHaveLength(1)
    await onward.cancel()
    await other.close()
  })

  test('answers waiting polls at once', async () => {
    const body = JSON.stringify({})
    const headers = { ...asGuard, 'content-type': 'application/json', 'content-length': String(body.length) }
    const waiting = idp.request('/revocations/poll', { method: 'POST', headers, body })
    await new Promise((resolve) => setImmediate(resolve))
    idp.provider.drain()
    expect(await (await waiting).json()).toMatchObject({ sets: {}, moreAvailable: false })
  })
})

test('a compromised key is in the feed, and no entry is given out any more that it signed', async () => {
  await revoke()
  const stream = await openStream()
  const before = decodeProtectedHeader(/^data: (\S+)$/m.exec(await stream.next())?.[1] ?? '').kid
  await stream.reader.cancel()
  await idp.provider.keys.compromise(before ?? '')
  const jwks = createLocalJWKSet((await (await idp.request('/jwks')).json()) as JSONWebKeySet)
  const { reader, next } = await openStream()
  const tokens = [...(await next()).matchAll(/^event: set\ndata: (\S+)$/gm)].map((match) => match[1] ?? '')
  expect(tokens).toHaveLength(2)
  for (const token of tokens) {
    await jwtVerify(token, jwks, { currentDate: new Date(idp.clock.now() * 1000), issuer: idp.issuer })
  }
  await reader.cancel()
  const snapshot = await idp.request('/revocations/snapshot', { headers: asGuard })
  const { payload } = await jwtVerify(await snapshot.text(), jwks, { currentDate: new Date(idp.clock.now() * 1000) })
  expect(readSnapshot(payload)?.entries).toContainEqual(expect.objectContaining({ kind: 'key', id: before }))
})

test('RFC 8414 §2: the metadata names the algorithms of JWT access tokens, where there are any', async () => {
  expect(idp.provider.metadata.access_token_signing_alg_values_supported).toEqual(['ES256'])
  const resource = { identifier: testOpaqueApi, name: 'Opaque', scopes: [], access_token_format: 'opaque' } as const
  const without = await testProvider({ clients: [], resources: [{ ...resource, access_token_signing_alg: 'RS256' }] })
  expect(without.provider.metadata).not.toHaveProperty('access_token_signing_alg_values_supported')
  await without.close()
})
