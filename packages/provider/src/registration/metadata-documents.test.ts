import { newPerson, type TestProviderOptions, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { type Outbound, OutboundError } from '../outbound/outbound.ts'
import { isDocumentAddress } from './metadata-documents.ts'

const address = 'https://app.example.com/oauth/client.json'
const document = { client_id: address, client_name: 'Acme Agent', redirect_uris: ['https://app.example.com/cb'] }
type Answer = { status?: number; headers?: Record<string, string>; body: string } | OutboundError

/** The internet, as far as this test goes: what each address answers, and how often it was asked. */
async function house(answer: object | Answer = document, options: TestProviderOptions = {}) {
  const world = {
    answer: (answer instanceof OutboundError || 'body' in answer ? answer : { body: JSON.stringify(answer) }) as Answer,
    asked: 0,
  }
  const outbound: Outbound = {
    async send(_url, request) {
      world.asked++
      if (world.answer instanceof OutboundError) throw world.answer
      expect(request?.maxBytes).toBe(5120)
      return { status: 200, headers: {}, ...world.answer }
    },
  }
  const kit = await testProvider({ clientIdMetadataDocuments: true, outbound, ...options })
  const person = newPerson(kit.provider)
  const authorize = (more: Record<string, string> = {}) =>
    person.open(
      `/authorize?${new URLSearchParams({
        client_id: address,
        redirect_uri: 'https://app.example.com/cb',
        response_type: 'code',
        scope: 'openid',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
        ...more,
      })}`,
    )
  return { ...kit, world, person, authorize }
}

describe('Client ID Metadata Document', () => {
  test('§3: a client that nobody registered signs people in after consent, and gets tokens', async () => {
    const { authorize, person, token, provider } = await house()
    expect(provider.metadata.client_id_metadata_document_supported).toBe(true)
    const page = await authorize()
    const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(consent.text).toContain('Acme Agent')
    expect(consent.text).toContain('app.example.com')
    const { leftTo } = await person.submit(consent, { decision: 'allow' })
    const tokens = await token(address, {
      grant_type: 'authorization_code',
      code: leftTo?.searchParams.get('code') ?? '',
      redirect_uri: 'https://app.example.com/cb',
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    })
    expect(tokens.id_token).toBeDefined()
  })

  test('§6: the host that vouches for it stands on the consent page, also where answers go to the person’s device', async () => {
    const redirect_uri = 'http://127.0.0.1:33418/cb'
    const { authorize, person } = await house({ ...document, redirect_uris: [redirect_uri] })
    const page = await authorize({ redirect_uri })
    const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(consent.text).toContain('<p class="host">app.example.com</p>')
    expect(consent.text).toContain('127.0.0.1:33418')
  })

  test('is off unless switched on: nothing is fetched', async () => {
    const { authorize, world, provider } = await house(document, { clientIdMetadataDocuments: false })
    expect((await authorize()).text).toContain('is not registered here')
    expect(world.asked).toBe(0)
    expect(provider.metadata).not.toHaveProperty('client_id_metadata_document_supported')
  })

  const unusable: [string, object | Answer, string][] = [
    ['names another client_id', { ...document, client_id: `${address}?x` }, 'not its own address'],
    ['holds a secret', { ...document, client_secret: 's' }, 'holds a secret'],
    ['wants to use a secret', { ...document, token_endpoint_auth_method: 'client_secret_post' }, 'use a secret'],
    ['sends answers elsewhere', { ...document, redirect_uris: ['https://evil.example/cb'] }, 'own origin'],
    ['sends answers to a subdomain', { ...document, redirect_uris: ['https://x.app.example.com/cb'] }, 'own origin'],
    ['is no JSON', { body: '<html>' }, 'no JSON object'],
    ['is a list', { body: '[]' }, 'no JSON object'],
    ['is answered with 404', { status: 404, body: '{}' }, 'status 404'],
    ['cannot be reached', new OutboundError('forbidden-address', 'app.example.com is not on the internet'), 'internet'],
  ]
  test.each(unusable)(
    '§4: a document that %s is refused on a page, and nothing is redirected',
    async (_, answer, why) => {
      const { authorize } = await house(answer)
      const page = await authorize()
      expect(page.leftTo).toBeNull()
      expect(page.status).toBe(400)
      expect(page.text).toContain(why)
    },
  )

  test.each([
    'http://app.example.com/client.json',
    'https://app.example.com',
    'https://app.example.com/',
    'https://app.example.com/a/../client.json',
    'https://app.example.com/./client.json',
    'https://app.example.com/client.json#x',
    'https://user@app.example.com/client.json',
    'https://APP.example.com/client.json',
    'https://',
  ])('§3: %s is no client identifier of this kind', (clientId) => {
    expect(isDocumentAddress(clientId)).toBe(false)
  })

  test('§4.4: is kept as long as its headers say, within bounds', async () => {
    const runtime = testRuntime()
    const { authorize, world } = await house(
      { body: JSON.stringify(document), headers: { 'cache-control': 'public, max-age=600' } },
      { runtime },
    )
    for (const _ of [1, 2, 3]) await authorize()
    expect(world.asked).toBe(1)
    runtime.clock.advance(601)
    world.answer = { body: JSON.stringify(document), headers: { 'cache-control': 'no-store' } }
    await authorize()
    await authorize()
    expect(world.asked).toBe(2)
    runtime.clock.advance(61)
    await authorize()
    expect(world.asked).toBe(3)
  })

  test('§4.4: an error is not kept, but its address is left alone for some seconds', async () => {
    const runtime = testRuntime()
    const { authorize, world } = await house({ status: 500, body: '' }, { runtime })
    await authorize()
    await authorize()
    expect(world.asked).toBe(1)
    world.answer = { body: JSON.stringify(document) }
    runtime.clock.advance(11)
    expect((await authorize()).status).toBe(200)
  })

  test('a document that was good goes on counting for a while when its address does not answer', async () => {
    const runtime = testRuntime()
    const { authorize, world } = await house(document, { runtime })
    await authorize()
    runtime.clock.advance(400)
    world.answer = new OutboundError('unreachable', 'app.example.com cannot be reached')
    expect((await authorize()).status).toBe(200)
    runtime.clock.advance(4000)
    expect((await authorize()).status).toBe(400)
  })

  test('nobody sends this server against others: there is a limit on documents asked for', async () => {
    const { authorize, world } = await house({ status: 404, body: '' })
    for (let n = 0; n < 130; n++) await authorize({ client_id: `https://victim.example/${n}` })
    expect(world.asked).toBe(120)
  })

  test('only hosts that are allowed, where that is said', async () => {
    const { authorize, world } = await house(document, {
      clientIdMetadataDocuments: { allowedHosts: ['other.example'] },
    })
    expect((await authorize()).text).toContain('not one that this server accepts')
    expect(world.asked).toBe(0)
  })
})
