import { client, newPerson, type Person, type SeenPage, testProvider, tokenResponse } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { declaredDetailsType } from '../authorization/authorization-details-type.ts'

const device = 'urn:ietf:params:oauth:grant-type:device_code'
const ciba = 'urn:openid:params:grant-type:ciba'
const payment = declaredDetailsType({
  type: 'payment',
  members: { amount: { kind: 'string' } },
  description: 'Pay {amount}',
})
const details = [{ type: 'payment', amount: '5 €' }]
const till = client({
  client_id: 'till',
  client_name: 'Corner Shop',
  client_secret: 'till-secret-till-secret-till',
  grant_types: [device, ciba],
})

/** The two ways in which something waits for a person elsewhere: one line a way. */
const ways = {
  'device code (RFC 8628 §3.1)': {
    begin: '/device_authorization',
    form: { scope: 'openid' },
    grant_type: device,
    handle: 'device_code',
    question: (person: Person, begun: Record<string, string>) =>
      person.open(`/device/confirm?user_code=${begun.user_code}`),
  },
  'CIBA (CIBA Core §7.1)': {
    begin: '/bc-authorize',
    form: { scope: 'openid', login_hint: 'alice' },
    grant_type: ciba,
    handle: 'auth_req_id',
    question: (person: Person) => person.open('/approvals'),
  },
}

/** A person with the language of their browser. */
function reader(provider: Parameters<typeof newPerson>[0], language: string): Person {
  const fetch = (request: Request) => {
    request.headers.set('accept-language', language)
    return provider.fetch(request)
  }
  return newPerson({ issuer: provider.issuer, fetch })
}

describe.each(Object.entries(ways))('%s', (_, way) => {
  async function setUp(language = 'en') {
    const kit = await testProvider({ moreClients: [till], ciba: {}, authorizationDetailsTypes: [payment] })
    const send = (more: Record<string, string>) => kit.post(way.begin, 'till', { ...way.form, ...more })
    const person = reader(kit.provider, language)
    const question = async (begun: Record<string, string>): Promise<SeenPage> => {
      const signIn = await way.question(person, begun)
      const page = await person.post(`${signIn.path}/sign-in`, { username: 'alice' })
      const href = /href="(\/approvals\/[\w-]{22})"/.exec(page.text)?.[1]
      return href === undefined ? page : person.open(href)
    }
    return { ...kit, send, person, question }
  }

  test('RFC 9396 §2, §7; OIDC Core §5.5: details and claims are read, shown, granted and told', async () => {
    const { send, question, person, post, request } = await setUp()
    const claims = JSON.stringify({ id_token: { email: null }, userinfo: { name: { essential: true } } })
    const begun = await (await send({ authorization_details: JSON.stringify(details), claims })).json()
    const asking = await question(begun)
    expect(asking.text).toContain('Pay 5 €')
    await person.submit(asking, { decision: 'allow' })
    const form = { grant_type: way.grant_type, [way.handle]: begun[way.handle] }
    const tokens = await tokenResponse(await post('/token', 'till', form))
    expect(tokens).toMatchObject({ authorization_details: details })
    expect(decodeJwt(tokens.id_token ?? '')).toHaveProperty('email')
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    expect(await (await request('/userinfo', { headers })).json()).toHaveProperty('name')
  })

  test('RFC 9396 §5: an unknown type, or one that its check refuses, begins nothing', async () => {
    const { send } = await setUp()
    for (const wrong of ['[{"type":"other"}]', '[{"type":"payment"}]', '{}', 'x']) {
      const response = await send({ authorization_details: wrong })
      expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_authorization_details'])
    }
  })

  test('OIDC Core §5.5.1: claims that demand a certain person or sign-in are refused, never half heeded', async () => {
    const { send } = await setUp()
    for (const id_token of [{ sub: { value: 'bob-1' } }, { acr: { essential: true } }, { acr: { values: ['gold'] } }]) {
      const response = await send({ claims: JSON.stringify({ id_token }) })
      expect([response.status, (await response.json()).error]).toEqual([400, 'invalid_request'])
    }
  })

  test('RFC 9110 §12.5.4: people are asked in the language of their browser', async () => {
    const { send, question, person } = await setUp('de-AT, en;q=0.5')
    const asking = await question(await (await send({})).json())
    for (const text of ['lang="de"', 'Corner Shop bittet um Zugriff', 'Auf einem anderen Gerät', 'Ablehnen'])
      expect(asking.text).toContain(text)
    expect((await person.submit(asking, { decision: 'deny' })).text).toContain('Der Zugriff wurde abgelehnt')
  })
})
