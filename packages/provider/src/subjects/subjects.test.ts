import { client, newPerson, testApi, testProvider } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import type { TokenExchangePolicy } from '../grants/token-exchange/policy.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { sectorIdentifierProblem } from './sector-identifier.ts'
import { createSubjects } from './subjects.ts'

const pairwise = (client_id: string, host: string, more: object = {}) =>
  client({
    client_id,
    token_endpoint_auth_method: 'none',
    subject_type: 'pairwise',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`https://${host}/cb`],
    ...more,
  })
const moreClients = [
  pairwise('notes', 'notes.example'),
  pairwise('mail', 'mail.example'),
  pairwise('notes-beta', 'beta.notes.example', { sector_identifier_uri: 'https://notes.example/sector.json' }),
]
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('OIDC Core §8: pairwise subjects', () => {
  test('clients of one sector know a person by one sub, others by another, and none by the person’s own', async () => {
    const { signIn } = await testProvider({ moreClients })
    const subOf = async (name: string) => decodeJwt(String((await signIn({ client: name })).id_token)).sub
    const [notes, mail, beta, web] = [
      await subOf('notes'),
      await subOf('mail'),
      await subOf('notes-beta'),
      await subOf('web'),
    ]
    expect(notes).not.toBe(mail)
    expect(beta).toBe(notes)
    expect(web).toBe('alice-1')
    for (const sub of [notes, mail]) expect(sub).toMatch(/^[\w-]{20,255}$/)
  })

  test('ID token, JWT access token, userinfo and introspection agree, and still find the person', async () => {
    const { signIn, refresh, request, post } = await testProvider({ moreClients })
    for (const more of [{}, { resource: testApi, scope: 'openid profile read:messages' }]) {
      const tokens = await signIn({ client: 'notes', ...more })
      const { sub } = decodeJwt(String(tokens.id_token))
      const userinfo = await (await request('/userinfo', bearer(tokens.access_token))).json()
      expect(userinfo).toMatchObject({ sub, name: 'Alice Doe' })
      expect(decodeJwt(String((await refresh(tokens)).id_token)).sub).toBe(sub)
      if ('resource' in more) {
        expect(decodeJwt(tokens.access_token).sub).toBe(sub)
        const introspected = await (await post('/introspect', 'api', { token: tokens.access_token })).json()
        expect(introspected).toMatchObject({ active: true, sub })
      }
    }
  })

  test('they outlive restarts and a change of the key-encryption key', async () => {
    const store = createMemoryStore()
    const [older, newer] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const subAt = async (keyEncryptionKey: Uint8Array | readonly Uint8Array[]) => {
      const { signIn, close } = await testProvider({ store, moreClients, keyEncryptionKey })
      const { sub } = decodeJwt(String((await signIn({ client: 'notes' })).id_token))
      await close()
      return sub
    }
    const before = await subAt(older)
    expect(await subAt([newer, older])).toBe(before)
  })

  test('a sub is opened for its own sector alone', () => {
    const subjects = createSubjects('secret')
    const [notes, mail] = [pairwise('notes', 'notes.example'), pairwise('mail', 'mail.example')]
    const sub = subjects.of(notes, 'alice-1')
    expect(subjects.whom(notes, sub)).toBe('alice-1')
    for (const strange of [subjects.of(mail, 'alice-1'), 'alice-1', '', `${sub}A`, `A${sub}`]) {
      expect(subjects.whom(notes, strange)).toBeNull()
    }
    expect(createSubjects('another').of(notes, 'alice-1')).not.toBe(sub)
  })

  test.each([1, 174, 175, 176, 255])(
    'OIDC Core §2: a person whose own sub has %d characters has one of at most 255 there, in every token and answer',
    async (length) => {
      const own = 'x'.repeat(length)
      const people = [{ sub: own, username: 'long', admin: false, claims: { name: 'Long' } }]
      const { signIn, refresh, request, post } = await testProvider({ moreClients, people })
      const of = async (name: string, more = {}) => signIn({ client: name, username: 'long', ...more })
      const tokens = await of('notes', { resource: testApi, scope: 'openid profile read:messages offline_access' })
      const { sub } = decodeJwt(String(tokens.id_token))
      expect(String(sub).length).toBeLessThanOrEqual(255)
      expect(sub).not.toContain('xxxx')
      const subs = [
        decodeJwt(tokens.access_token).sub,
        decodeJwt(String((await refresh(tokens)).id_token)).sub,
        decodeJwt(String((await of('notes-beta')).id_token)).sub,
        (await (await post('/introspect', 'api', { token: tokens.access_token })).json()).sub,
        (await (await request('/userinfo', bearer((await of('notes')).access_token))).json()).sub,
      ]
      expect(subs).toEqual(subs.map(() => sub))
      expect(decodeJwt(String((await of('mail')).id_token)).sub).not.toBe(sub)
      expect(decodeJwt(String((await of('web')).id_token)).sub).toBe(own)
    },
  )

  test('RFC 8693 §2.1: tokens of a person whose own sub is long are exchanged, and still name them alike', async () => {
    const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'
    const desk = client({
      client_id: 'desk',
      client_secret: 'desk-secret-desk-secret-desk',
      subject_type: 'pairwise',
      grant_types: ['authorization_code', grant_type],
      resources: [testApi],
      redirect_uris: ['https://desk.example/cb'],
    })
    const people = [{ sub: 'x'.repeat(255), username: 'long', admin: false, claims: {} }]
    const whom: string[] = []
    const tokenExchange: TokenExchangePolicy = ({ subject }) => {
      whom.push(subject.sub)
      return { outcome: 'granted', scope: ['read:messages'] }
    }
    const { signIn, token } = await testProvider({ moreClients: [desk], people, tokenExchange })
    const signedIn = await signIn({
      client: 'desk',
      username: 'long',
      resource: testApi,
      scope: 'openid read:messages',
    })
    const { sub } = decodeJwt(String(signedIn.id_token))
    for (const type of ['id_token', 'access_token'] as const) {
      const subject_token_type = `urn:ietf:params:oauth:token-type:${type}`
      const asked = { grant_type, subject_token: signedIn[type], subject_token_type, resource: testApi }
      expect(decodeJwt((await token('desk', asked)).access_token).sub).toBe(sub)
      expect(whom.pop()).toBe('x'.repeat(255))
    }
  })

  test('a long one is opened beside the token that carries it, for its own sector alone', () => {
    const subjects = createSubjects('secret')
    const [notes, mail] = [pairwise('notes', 'notes.example'), pairwise('mail', 'mail.example')]
    const own = 'y'.repeat(255)
    const [sub, token] = [subjects.of(notes, own), subjects.beside(notes, own)]
    expect(sub).toMatch(/^[\w-]{43}$/)
    expect(subjects.whom(notes, sub, token)).toBe(own)
    expect(subjects.whom(mail, sub, token)).toBeNull()
    expect(subjects.whom(notes, sub)).toBeNull()
    expect(subjects.whom(notes, sub, subjects.beside(notes, 'z'.repeat(255)))).toBeNull()
    expect(subjects.whom(notes, sub, { sub_sealed: 7 })).toBeNull()
    expect(subjects.beside(notes, 'short')).toEqual({})
    expect(createSubjects('another').of(notes, own)).not.toBe(sub)
  })

  test('a prompt for another person’s id_token_hint does not take one sector’s sub for another’s', async () => {
    const { signIn, request } = await testProvider({ moreClients })
    const { id_token } = await signIn({ client: 'mail' })
    const query = new URLSearchParams({
      client_id: 'notes',
      response_type: 'code',
      redirect_uri: 'https://notes.example/cb',
      scope: 'openid',
      prompt: 'none',
      id_token_hint: String(id_token),
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const location = (await request(`/authorize?${query}`)).headers.get('location') ?? ''
    expect(new URL(location).searchParams.get('error')).toBe('login_required')
  })
})

test.each([
  ['256 characters', 'x'.repeat(256)],
  ['a character beyond ASCII', 'Zoë'],
  ['none', ''],
])('OIDC Core §2: nobody is signed in under a sub of %s', async (_, sub) => {
  const people = [{ sub, username: 'zoe', admin: false, claims: {} }]
  const { provider, events } = await testProvider({ people })
  const person = newPerson(provider)
  const asked = { client_id: 'web', response_type: 'code', redirect_uri: 'https://app.example.com/cb', scope: 'openid' }
  const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }
  const page = await person.open(`/authorize?${new URLSearchParams({ ...asked, ...challenge })}`)
  const refused = await person.post(`${page.path}/sign-in`, { username: 'zoe' })
  expect([refused.status, refused.leftTo]).toEqual([500, null])
  expect(JSON.stringify(events)).toContain('1 to 255 characters')
})

describe('OIDC Core §8.1: sector_identifier_uri', () => {
  const redirect_uris = ['https://a.example/cb', 'https://b.example/cb']
  const uri = 'https://a.example/sector.json'

  test('several hosts need one', () => {
    expect(() => pairwise('x', 'a.example', { redirect_uris })).toThrow('sector_identifier_uri is needed')
    expect(() => pairwise('x', 'a.example', { redirect_uris, sector_identifier_uri: 'http://a.example/s' })).toThrow(
      'https',
    )
  })

  test.each([
    [200, JSON.stringify(redirect_uris), undefined],
    [200, JSON.stringify(redirect_uris.slice(1)), 'does not list the redirect URI "https://a.example/cb"'],
    [200, '{"a":1}', 'list of redirect URIs'],
    [200, '<html>', 'JSON'],
    [404, '', 'status 404'],
  ])('answered with %s %s says %s', async (status, body, says) => {
    const outbound = { send: async () => ({ status, headers: {}, body }) }
    const problem = await sectorIdentifierProblem(outbound, { redirect_uris, sector_identifier_uri: uri })
    if (says === undefined) expect(problem).toBeUndefined()
    else expect(problem).toContain(says)
  })
})
