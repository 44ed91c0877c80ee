import { basic, client, testProvider, tokenResponse } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const grant = 'grant_type=client_credentials'

/** A provider and a token request with these headers and this body. */
async function asking(secrets: readonly ReturnType<typeof client>[] = []) {
  const kit = await testProvider({ moreClients: secrets })
  const ask = (body: string, headers: Record<string, string> = {}) =>
    kit.request('/token', { method: 'POST', headers: { ...form, ...headers }, body })
  return { ...kit, ask }
}

describe('client authentication', () => {
  test('RFC 6749 §2.3.1: id and secret are form-decoded from the Basic header', async () => {
    const odd = client({ client_id: 'a:b c', client_secret: 'p%&+ß:ü', grant_types: ['client_credentials'] })
    const { ask } = await asking([odd])
    const response = await ask(grant, { authorization: basic('a:b c', 'p%&+ß:ü') })
    expect(response.status).toBe(200)
  })

  test('a client that forgets the form-encoding is understood when its secret fits as it stands', async () => {
    const odd = client({ client_id: 'odd', client_secret: 'p%41+x', grant_types: ['client_credentials'] })
    const { ask } = await asking([odd])
    expect((await ask(grant, { authorization: `Basic ${btoa('odd:p%41+x')}` })).status).toBe(200)
    expect((await ask(grant, { authorization: `Basic ${btoa('odd:pA x')}` })).status).toBe(401)
  })

  test('a wrong secret and an unknown client get the same answer', async () => {
    const { ask } = await asking()
    const wrong = await (await ask(grant, { authorization: basic('machine', 'wrong') })).json()
    const unknown = await (await ask(grant, { authorization: basic('nobody', 'wrong') })).json()
    expect(wrong).toMatchObject({ error: 'invalid_client', error_description: unknown.error_description })
  })

  test('RFC 6749 §2.3: two methods in one request are refused', async () => {
    const { ask } = await asking()
    const headers = { authorization: basic('machine', 'machine-secret-machine-secret') }
    const response = await ask(`${grant}&client_id=machine&client_secret=machine-secret-machine-secret`, headers)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('a request that names no client is refused', async () => {
    const { ask } = await asking()
    const response = await ask(grant)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: 'invalid_client' })
  })

  test('the method must be the one the client registered', async () => {
    const { ask } = await asking()
    const response = await ask(`${grant}&client_id=machine&client_secret=machine-secret-machine-secret`)
    const body = await response.json()
    expect(response.status).toBe(401)
    expect(body.error_description).toContain('client_secret_basic')
  })

  test('a confidential client cannot pass as a public one by leaving the secret out', async () => {
    const { ask } = await asking()
    const response = await ask(`${grant}&client_id=machine`)
    expect(await response.json()).toMatchObject({ error: 'invalid_client' })
  })

  test('client_id in the body must be the client that authenticated', async () => {
    const { ask } = await asking()
    const headers = { authorization: basic('machine', 'machine-secret-machine-secret') }
    expect((await ask(`${grant}&client_id=machine`, headers)).status).toBe(200)
    expect(await (await ask(`${grant}&client_id=web`, headers)).json()).toMatchObject({ error: 'invalid_request' })
  })

  test('features 10: a refused Basic attempt is answered with the scheme Basic and a realm', async () => {
    const { ask, issuer } = await asking()
    for (const authorization of [basic('machine', 'wrong'), 'Basic', 'Basic !!!', `basic ${btoa('no colon')}`]) {
      const response = await ask(grant, { authorization })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe(`Basic realm="${issuer}"`)
    }
    const posted = await ask(`${grant}&client_id=post&client_secret=wrong`)
    expect(posted.status).toBe(401)
    expect(posted.headers.get('www-authenticate')).toBeNull()
  })

  test('features 1: a secret that differs in its last character alone is refused, and no event holds it', async () => {
    const { ask, events } = await asking()
    const response = await ask(grant, { authorization: basic('machine', 'machine-secret-machine-secreT') })
    await expect(tokenResponse(response)).rejects.toThrow('invalid_client')
    expect(JSON.stringify(events)).not.toContain('machine-secret')
    expect(events.at(-1)).toMatchObject({ type: 'token.refused', detail: 'wrong secret for client "machine"' })
  })
})
