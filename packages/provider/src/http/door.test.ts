import { request as httpRequest } from 'node:http'
import { client, listen, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory-store.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const page = { accept: 'text/html' }

describe('the door', () => {
  test('every path also answers with a trailing slash, below a base path too', async () => {
    for (const issuer of ['https://id.example.com', 'https://example.com/id']) {
      const { request, provider } = await testProvider({ issuer })
      for (const path of ['/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
        expect((await request(path)).status).toBe(200)
        expect((await request(`${path}/`)).status).toBe(200)
      }
      for (const path of ['/token', '/revoke', '/introspect']) {
        expect((await request(`${path}/`, { method: 'POST', headers: form, body: '' })).status).toBe(401)
      }
      expect((await request('/userinfo/?x=1')).status).toBe(401)
      expect(provider.metadata.token_endpoint).toBe(`${issuer}/token`)
    }
  })

  test('RFC 8414 §3.1: for an issuer with a path the well-known part stands before it', async () => {
    const { provider } = await testProvider({ issuer: 'https://example.com/id' })
    for (const document of ['oauth-authorization-server', 'openid-configuration']) {
      const response = await provider.fetch(new Request(`https://example.com/.well-known/${document}/id`))
      expect(await response.json()).toMatchObject({ issuer: 'https://example.com/id' })
    }
    expect((await provider.fetch(new Request('https://example.com/jwks'))).status).toBe(404)
  })

  test('HEAD answers what GET answers, without the body', async () => {
    const { request } = await testProvider()
    const response = await request('/jwks', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe('')
  })

  test('RFC 9110 §15.5.6: another method is refused, and the answer names those that work', async () => {
    const { request } = await testProvider()
    const response = await request('/token', { method: 'GET' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    expect(await response.json()).toMatchObject({ error: 'method_not_allowed' })
    const userinfo = await request('/userinfo', { method: 'DELETE' })
    expect(userinfo.headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS')
  })

  test('an unknown address is JSON for a machine and a page for a person, each with the request id', async () => {
    const { request } = await testProvider()
    const machine = await request('/nowhere')
    expect(machine.status).toBe(404)
    expect(await machine.json()).toMatchObject({ error: 'not_found', request_id: machine.headers.get('x-request-id') })
    const person = await request('/nowhere', { headers: page })
    const id = person.headers.get('x-request-id')
    expect(person.status).toBe(404)
    expect(person.headers.get('content-type')).toContain('text/html')
    expect(await person.text()).toContain(id)
  })

  test('each answer has an id of its own and the headers that keep browsers from guessing', async () => {
    const { request } = await testProvider()
    const answers = await Promise.all(['/jwks', '/jwks', '/nowhere', '/token'].map((path) => request(path)))
    expect(new Set(answers.map((answer) => answer.headers.get('x-request-id'))).size).toBe(4)
    for (const answer of answers) {
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  test('pages beside the provider’s own are asked when no endpoint has the path; one that fails is a 500 without its text', async () => {
    const { request, events } = await testProvider({
      pages: [
        (asked) => (asked.url.endsWith('/hello') ? Promise.resolve(new Response('hello')) : null),
        (asked) =>
          asked.url.endsWith('/move') ? Promise.resolve(Response.redirect('https://id.example.com/x')) : null,
        (asked) => (asked.url.endsWith('/boom') ? Promise.reject(new Error('the cellar')) : null),
      ],
    })
    expect(await (await request('/hello')).text()).toBe('hello')
    const moved = await request('/move')
    expect([moved.status, moved.headers.get('location')]).toEqual([302, 'https://id.example.com/x'])
    expect(moved.headers.get('x-request-id')).toBeTruthy()
    const failed = await request('/boom', { headers: page })
    expect(failed.status).toBe(500)
    expect(await failed.text()).not.toContain('cellar')
    expect(events).toMatchObject([{ type: 'request.failed', requestId: failed.headers.get('x-request-id') }])
    expect((await request('/else')).status).toBe(404)
  })

  test('a listener that throws takes no request down', async () => {
    const { createProvider } = await import('../create-provider.ts')
    const { testAccounts, testKeyEncryptionKey } = await import('@latchkey/testing')
    const provider = await createProvider({
      issuer: 'https://id.example.com',
      store: createMemoryStore(),
      accounts: testAccounts([]),
      keyEncryptionKey: testKeyEncryptionKey,
      onEvent() {
        throw new Error('full disk')
      },
    })
    expect((await provider.fetch(new Request('https://id.example.com/nowhere'))).status).toBe(404)
    await provider.close()
  })
})

describe('CORS', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  })

  test('metadata and keys may be read from anywhere', async () => {
    const { request } = await testProvider()
    const response = await request('/.well-known/openid-configuration', { headers: { origin: 'https://any.test' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('features 7: the token endpoint and userinfo answer origins of clients alone, and never with credentials', async () => {
    const { request } = await testProvider()
    for (const path of ['/token', '/userinfo', '/revoke']) {
      const own = await request(path, preflight('https://spa.example.com'))
      expect(own.status).toBe(204)
      expect(own.headers.get('access-control-allow-origin')).toBe('https://spa.example.com')
      expect(own.headers.get('access-control-allow-headers')).toContain('authorization')
      for (const origin of ['https://evil.test', 'https://spa.example.com.evil.test', 'null']) {
        const foreign = await request(path, preflight(origin))
        expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
        expect(foreign.headers.get('vary')).toContain('origin')
      }
      expect(own.headers.get('access-control-allow-credentials')).toBeNull()
    }
  })

  test('errors may be read by the client that caused them', async () => {
    const { request } = await testProvider()
    const headers = { ...form, origin: 'https://spa.example.com' }
    const response = await request('/token', { method: 'POST', headers, body: 'client_id=nobody' })
    expect(response.status).toBe(401)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://spa.example.com')
    expect(response.headers.get('access-control-expose-headers')).toContain('www-authenticate')
  })

  test('a client of the store counts as one of the configuration does', async () => {
    const store = createMemoryStore()
    const { request } = await testProvider({ store })
    const { metadata } = { metadata: client({ client_id: 'new', redirect_uris: ['https://new.test/cb'] }) }
    await store.clients.create({ metadata, secretHashes: [], version: 1, createdAt: 0, updatedAt: 0 })
    const response = await request('/token', preflight('https://new.test'))
    expect(response.headers.get('access-control-allow-origin')).toBe('https://new.test')
  })

  test('introspection is for servers: no origin may read it', async () => {
    const { request } = await testProvider()
    const response = await request('/introspect', preflight('https://spa.example.com'))
    expect(response.status).toBe(405)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('request bodies', () => {
  test('a parameter that stands twice is refused by name', async () => {
    const { request } = await testProvider()
    const body = 'grant_type=client_credentials&grant_type=refresh_token'
    const response = await request('/token', { method: 'POST', headers: form, body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: 'invalid_request',
      error_description: "parameter 'grant_type' is given more than once",
    })
  })

  test('a missing parameter is named', async () => {
    const { post } = await testProvider()
    const missing = async (fields: Record<string, string>) => (await post('/token', 'web', fields)).json()
    expect((await missing({})).error_description).toBe("parameter 'grant_type' is missing")
    expect((await missing({ grant_type: 'authorization_code' })).error_description).toBe("parameter 'code' is missing")
    expect(await missing({ grant_type: 'password' })).toMatchObject({ error: 'unsupported_grant_type' })
  })

  test('another content type is refused with the right one named', async () => {
    const { request } = await testProvider()
    for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }]) {
      const response = await request('/token', { method: 'POST', headers, body: '{}' })
      expect(response.status).toBe(400)
      expect((await response.json()).error_description).toContain('application/x-www-form-urlencoded')
    }
    const withCharset = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
    expect((await request('/token', { method: 'POST', headers: withCharset, body: 'a=1' })).status).toBe(401)
  })

  test('a body of 1 MB is refused before it is read, declared or in chunks, and the server goes on', async () => {
    const { provider } = await testProvider()
    const server = await listen(provider.fetch)
    try {
      for (const chunked of [false, true]) {
        const answer = await postLarge(server.port, chunked)
        expect(answer.status).toBe(413)
        expect(JSON.parse(answer.body)).toMatchObject({ error: 'payload_too_large' })
      }
      expect((await fetch(`${server.origin}/jwks`)).status).toBe(200)
    } finally {
      await server.close()
    }
  })
})

/** Raw HTTP: `fetch` would not let the body be chunked and the answer come early. */
function postLarge(port: number, chunked: boolean): Promise<{ status: number | undefined; body: string }> {
  const size = 1_048_576
  const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(size) }
  return new Promise((resolve, reject) => {
    const sent = httpRequest({
      host: '127.0.0.1',
      port,
      path: '/token',
      method: 'POST',
      headers: { ...form, ...length },
    })
    sent.on('response', async (response) => {
      const body = (await response.setEncoding('utf8').toArray()).join('')
      resolve({ status: response.statusCode, body })
    })
    sent.on('error', reject)
    sent.end('a'.repeat(size))
  })
}
