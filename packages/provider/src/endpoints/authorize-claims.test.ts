import { client, newPerson, testApi, testPeople, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import type { Accounts } from '../accounts.ts'
import { declaredDetailsType } from '../authorization/authorization-details-type.ts'

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const basis = {
  client_id: 'web',
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid',
  state: 's1',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
}
const acrValues = [
  { value: 'gold', amr: ['pwd', 'otp'] },
  { value: 'silver', amr: ['pwd'] },
]
const payment = declaredDetailsType({
  type: 'payment',
  description: 'Pay {amount} to {to.name}',
  members: { amount: { kind: 'string' }, to: { kind: 'object' }, note: { kind: 'string', required: false } },
})
const transfer = { type: 'payment', amount: '12.50 €', to: { name: 'Bob <b>' } }
const trusted = client({
  client_id: 'trusted',
  client_secret: 't'.repeat(32),
  redirect_uris: ['https://app.example.com/cb'],
  grant_types: ['authorization_code', 'refresh_token'],
  require_consent: false,
})

/** Alice proves herself with a password, and with a second factor where the name says so. */
const accounts: Accounts = {
  find: async (sub) => testPeople.find((person) => person.sub === sub) ?? null,
  async signIn(context, form) {
    const strong = form?.get('username') === 'alice+otp'
    if (form !== null) return { outcome: 'signed-in', sub: 'alice-1', amr: strong ? ['pwd', 'otp'] : ['pwd'] }
    const body = context.wantedContexts.map(({ value }) => `wants ${value}`).join()
    return { outcome: 'page', response: context.page({ title: 'Sign in', body }) }
  },
}

function authorize(changes: Record<string, string> = {}): string {
  return `/authorize?${new URLSearchParams({ ...basis, ...changes })}`
}

async function setUp() {
  const kit = await testProvider({
    moreClients: [trusted],
    acrValues,
    accounts,
    authorizationDetailsTypes: [payment],
  })
  const person = newPerson(kit.provider)
  const ask = (changes: Record<string, string>) => person.open(authorize({ client_id: 'trusted', ...changes }))
  const signIn = async (changes: Record<string, string>, username = 'alice') =>
    person.post(`${(await ask(changes)).path}/sign-in`, { username })
  const redeem = (code: string) =>
    kit.token('trusted', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: basis.redirect_uri,
      code_verifier: verifier,
    })
  const claims = async (left: URL | null) => {
    const { id_token = '' } = await redeem(left?.searchParams.get('code') ?? '')
    return JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString())
  }
  return { ...kit, person, ask, signIn, redeem, claims }
}

const essential = (value: string) => ({ claims: JSON.stringify({ id_token: { acr: { essential: true, value } } }) })

describe('OIDC Core §2: acr says what happened', () => {
  test('the strongest context that the sign-in meets, or the wanted one among them', async () => {
    const { signIn, ask, claims } = await setUp()
    expect(await claims((await signIn({})).leftTo)).toMatchObject({ acr: 'silver', amr: ['pwd'] })
    const strong = await signIn({ prompt: 'login' }, 'alice+otp')
    expect(await claims(strong.leftTo)).toMatchObject({ acr: 'gold' })
    expect(await claims((await ask({ acr_values: 'silver' })).leftTo)).toMatchObject({ acr: 'silver' })
  })

  test('OIDC Core §3.1.2.1 acr_values: a stronger context is tried once, told to the sign-in page, and not insisted on', async () => {
    const { signIn, ask, person, claims } = await setUp()
    await signIn({})
    const page = await ask({ acr_values: 'gold silver' })
    expect((await ask({ acr_values: 'copper' })).leftTo).not.toBeNull()
    expect(page.leftTo).not.toBeNull()
    const stronger = await ask({ acr_values: 'gold' })
    expect(stronger.text).toContain('wants gold')
    const { leftTo } = await person.post(`${stronger.path}/sign-in`, { username: 'alice' })
    expect(await claims(leftTo)).toMatchObject({ acr: 'silver' })
  })

  test('OIDC Core §5.5.1.1: an essential context is insisted on, and the refusal says so', async () => {
    const { signIn, claims, ask } = await setUp()
    const weak = await signIn(essential('gold'))
    expect(weak.leftTo?.searchParams.get('error')).toBe('unmet_authentication_requirements')
    expect((await ask({ ...essential('gold'), prompt: 'none' })).leftTo?.searchParams.get('error')).toBe(
      'login_required',
    )
    const strong = await signIn(essential('gold'), 'alice+otp')
    expect(await claims(strong.leftTo)).toMatchObject({ acr: 'gold' })
    const unknown = await signIn({ ...essential('platinum'), prompt: 'login' }, 'alice+otp')
    expect(unknown.leftTo?.searchParams.get('error')).toBe('unmet_authentication_requirements')
  })

  test('discovery names the contexts', async () => {
    const { provider } = await setUp()
    expect(provider.metadata.acr_values_supported).toEqual(['gold', 'silver'])
  })
})

describe('OIDC Core §5.5: the claims parameter', () => {
  test('what was asked for is kept with the grant', async () => {
    const { signIn, store } = await setUp()
    const asked = { userinfo: { email: { essential: true } } }
    const kept: unknown[] = []
    const create = store.codes.create.bind(store.codes)
    store.codes.create = async (record) => {
      kept.push(record.grounds.claims)
      return create(record)
    }
    await signIn({ claims: JSON.stringify(asked) })
    expect(kept).toEqual([asked])
  })

  test('OIDC Core §5.5.1: a sub asked for by value is the person, or nobody', async () => {
    const { signIn, ask } = await setUp()
    await signIn({})
    const sub = (value: string) => ({ claims: JSON.stringify({ id_token: { sub: { value } } }), prompt: 'none' })
    expect((await ask(sub('alice-1'))).leftTo?.searchParams.get('code')).toBeTruthy()
    expect((await ask(sub('someone-else'))).leftTo?.searchParams.get('error')).toBe('login_required')
  })

  test('a claims parameter that is no JSON is refused', async () => {
    const { ask } = await setUp()
    expect((await ask({ claims: '{' })).leftTo?.searchParams.get('error')).toBe('invalid_request')
  })
})

describe('RFC 9396: authorization details', () => {
  const authorization_details = JSON.stringify([transfer])

  test('RFC 9396 §7, §9.1, §9.2: shown in people’s words, granted, echoed with the tokens and at introspection', async () => {
    const { signIn, person, redeem, post, refresh } = await setUp()
    const consent = await signIn({ authorization_details, scope: 'openid read:messages', resource: testApi })
    expect(consent.text).toContain('Pay 12.50 € to Bob &lt;b&gt;')
    const { leftTo } = await person.submit(consent, { decision: 'allow' })
    const tokens = await redeem(leftTo?.searchParams.get('code') ?? '')
    expect(tokens.authorization_details).toEqual([transfer])
    const introspected = await (await post('/introspect', 'api', { token: tokens.access_token })).json()
    expect(introspected.authorization_details).toEqual([transfer])
    const renewed = await refresh({ ...tokens, clientId: 'trusted' })
    expect(renewed.authorization_details).toEqual([transfer])
  })

  test('the person is asked every time, also by a client that is trusted otherwise', async () => {
    const { signIn, ask, person } = await setUp()
    await person.submit(await signIn({ authorization_details }), { decision: 'allow' })
    expect((await ask({ authorization_details })).text).toContain('Pay 12.50 €')
    const silent = await ask({ authorization_details, prompt: 'none' })
    expect(silent.leftTo?.searchParams.get('error')).toBe('consent_required')
  })

  test.each([
    ['an unknown type', [{ type: 'wish' }]],
    ['a member that is missing', [{ type: 'payment', amount: '1' }]],
    ['a member of another kind', [{ ...transfer, amount: 1 }]],
    ['a member that nobody knows', [{ ...transfer, urgent: true }]],
    ['an entry without a type', [{ amount: '1' }]],
    ['no entry', []],
    ['no list', { type: 'payment' }],
    ['a member of every object', [{ ...transfer, constructor: 'x' }]],
  ])('RFC 9396 §5: %s is refused', async (_, details) => {
    const { ask } = await setUp()
    const { leftTo } = await ask({ authorization_details: JSON.stringify(details) })
    expect(leftTo?.searchParams.get('error')).toBe('invalid_authorization_details')
  })
})

describe('ui_locales', () => {
  test('OIDC Core §3.1.2.1: the request’s languages come before the browser’s', async () => {
    const { provider, person } = await setUp()
    const get = (path: string, language: string) =>
      provider.fetch(new Request(`https://id.example.com${path}`, { headers: { 'accept-language': language } }))
    const bad = '/authorize?client_id=nobody'
    expect(await (await get(bad, 'de-DE,de;q=0.9,en;q=0.5')).text()).toContain('<html lang="de">')
    expect(await (await get(bad, 'fr, en;q=0.1, de;q=0')).text()).toContain('<html lang="en">')
    const page = await person.open(authorize({ ui_locales: 'fr de' }))
    const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(consent.text).toContain('web bittet um Zugriff')
    expect(consent.text).toContain('Gilt bis zu 90 Tage')
  })
})

test('RP-Initiated Logout §2: sign-out pages speak the language of ui_locales, through the confirmation', async () => {
  const { signIn, person } = await setUp()
  await signIn({})
  const asked = await person.open('/end-session?ui_locales=de')
  expect(asked.text).toContain('<h1>Abmelden?</h1>')
  expect((await person.submit(asked, {})).text).toContain('Sie sind abgemeldet')
})

test('RFC 6749 §4.1.2.1: what nobody foresaw goes back to the client as server_error, without its text', async () => {
  const { signIn, store, ask, events } = await setUp()
  await signIn({})
  store.codes.create = async () => {
    throw new Error('the disk is full of secrets')
  }
  const { leftTo } = await ask({})
  expect(Object.fromEntries(leftTo?.searchParams ?? [])).toMatchObject({ error: 'server_error', state: 's1' })
  expect(leftTo?.href).not.toContain('disk')
  expect(events.at(-1)).toMatchObject({ type: 'request.failed', detail: expect.stringContaining('the disk is full') })
})
