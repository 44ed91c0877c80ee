import { testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const web = { redirect_uris: ['https://app.example.com/cb'], client_name: 'Acme' }

async function house() {
  const kit = await testProvider({ registration: { mode: 'open' } })
  async function send(url: string, method: string, body?: object | string, token?: string) {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const init = body === undefined ? { method, headers } : { method, headers, body: text }
    const response = await kit.provider.fetch(new Request(url, init))
    const answer = response.status === 204 ? {} : await response.json()
    return { status: response.status, headers: response.headers, body: answer }
  }
  const register = (body: object | string, token?: string) => send(`${kit.issuer}/register`, 'POST', body, token)
  return { ...kit, send, register }
}

describe('RFC 7592 §2: a client manages its own registration', () => {
  async function registered() {
    const kit = await house()
    const { body } = await kit.register(web)
    const { registration_client_uri: uri, registration_access_token: token, client_id: id } = body
    const { client_secret: secret } = body
    const call = (method: string, sent?: object, as = token) => kit.send(uri, method, sent, as)
    return { ...kit, id, token, secret, call, uri }
  }

  test('§2.1: reads it, without the secret', async () => {
    const { call, id, token } = await registered()
    const { status, body } = await call('GET')
    expect([status, body.client_id, body.registration_access_token]).toEqual([200, id, token])
    expect(body).not.toHaveProperty('client_secret')
  })

  test('§2: the same refusal for a wrong token, an unknown client and a client of the configuration', async () => {
    const { call, send, issuer, token, uri } = await registered()
    const answers = [
      await call('GET', undefined, 'wrong'),
      await send(uri, 'GET'),
      await send(`${issuer}/registration/nobody`, 'GET', undefined, token),
      await send(`${issuer}/registration/web`, 'DELETE', undefined, token),
      await send(`${issuer}/registration/%zz`, 'GET', undefined, token),
    ]
    for (const { status, body } of answers) expect([status, body.error]).toEqual([401, 'invalid_token'])
    expect(new Set(answers.map(({ body }) => body.error_description)).size).toBe(1)
  })

  test('§2: one client’s token opens no other client', async () => {
    const { register, call } = await registered()
    const { body: other } = await register(web)
    expect((await call('GET', undefined, other.registration_access_token)).status).toBe(401)
  })

  test('§2.2: replaces it as a whole; what is left out is gone, and the secret stays', async () => {
    const { call, id, secret } = await registered()
    const { status, body } = await call('PUT', {
      client_id: id,
      redirect_uris: ['https://app.example.com/new'],
      client_secret: secret,
      client_name: null,
      policy_uri: null,
    })
    expect([status, body.redirect_uris]).toEqual([200, ['https://app.example.com/new']])
    expect(body).not.toHaveProperty('client_name')
    expect(body).not.toHaveProperty('policy_uri')
    expect(body).not.toHaveProperty('client_secret')
  })

  test('§2.2: another secret when asked, and the one before stops working', async () => {
    const { send, uri, token, id, secret, request } = await registered()
    const { body } = await send(`${uri}?rotate=client_secret`, 'PUT', { ...web, client_id: id }, token)
    expect(body.client_secret).toMatch(/^[\w-]{43}$/)
    expect(body.client_secret).not.toBe(secret)
    const revoke = (with_: string) =>
      request('/revoke', {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(`${id}:${with_}`)}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'token=x',
      })
    expect((await revoke(body.client_secret)).status).toBe(200)
    expect((await revoke(secret)).status).toBe(401)
  })

  test.each([
    ['another client_id', { client_id: 'other' }],
    ['a secret of its own choosing', { client_secret: 'chosen' }],
    ['the registration access token', { registration_access_token: 'x' }],
    ['the time of issuing', { client_id_issued_at: 1 }],
  ])('§2.2: refuses %s', async (_, wrong) => {
    const { call, id } = await registered()
    expect(await call('PUT', { ...web, client_id: id, ...wrong })).toMatchObject({
      status: 400,
      body: { error: 'invalid_client_metadata' },
    })
  })

  test('§2.3: deletes it, and its token opens nothing any more', async () => {
    const { call, store, id } = await registered()
    expect((await call('DELETE')).status).toBe(204)
    expect(await store.clients.find(id)).toBeNull()
    expect((await call('GET')).status).toBe(401)
  })
})
