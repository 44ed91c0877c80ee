import { client, newPerson, type TestProvider, testProvider } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAdminPages } from './create-admin-pages.ts'
import { signedIn, type TestBrowser } from './test-browser.ts'

const notes = client({
  client_id: 'notes',
  client_name: 'Acme <Notes>',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['https://notes.example/cb'],
})
const ask = `/authorize?${new URLSearchParams({
  client_id: 'notes',
  response_type: 'code',
  redirect_uri: 'https://notes.example/cb',
  scope: 'openid email',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})}`

let idp: TestProvider
let admin: TestBrowser
beforeEach(async () => {
  idp = await testProvider({ pages: [createAdminPages()], moreClients: [notes] })
  admin = await signedIn(idp.provider, 'root')
})
afterEach(() => idp.close())

/** Alice, in a browser of her own, with an application that she has allowed something. */
async function connected(): Promise<{ access: string; person: ReturnType<typeof newPerson> }> {
  const person = newPerson(idp.provider)
  const page = await person.open(ask)
  const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
  const { leftTo } = await person.submit(consent, { decision: 'allow' })
  const tokens = await idp.token('notes', {
    grant_type: 'authorization_code',
    code: leftTo?.searchParams.get('code') ?? '',
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    redirect_uri: 'https://notes.example/cb',
  })
  return { access: tokens.access_token, person }
}
const works = async (token: string) =>
  (await idp.request('/userinfo', { headers: { authorization: `Bearer ${token}` } })).status === 200

describe('a person’s access, on the admin’s page', () => {
  test('it shows what applications may do and where the person is signed in, or that there is nothing', async () => {
    expect((await admin.open('/admin/people?person=alice')).text).toContain('They are signed in nowhere.')
    await connected()
    const { text } = await admin.open('/admin/people?person=alice')
    expect(text).toContain('Acme &lt;Notes&gt;')
    expect(text).toContain('<span class="muted">Account:</span> <code>openid email</code>')
    expect(text).toContain('In use')
    expect(text).toMatch(/<span>A browser<\/span><span class="muted">pwd<\/span>/)
  })

  test('an administrator withdraws access for a person, which says what happens first and stands in the audit trail', async () => {
    const { access } = await connected()
    const confirm = await admin.open('/admin/people/withdraw?sub=alice-1&client_id=notes')
    expect(confirm.text).toContain('Withdraw the access of Acme &lt;Notes&gt;?')
    expect(confirm.text).toContain('<strong>alice</strong> and nobody else')
    expect(await works(access)).toBe(true)
    const done = await admin.submit(confirm)
    expect(done.text).toContain('<strong>alice</strong>: the application has no access any more.')
    expect(await works(access)).toBe(false)
    const [entry] = await idp.store.audit.list({ type: 'consent.withdrawn', limit: 1 })
    expect(entry).toMatchObject({ sub: 'alice-1', clientId: 'notes', actor: 'root-1' })
  })

  test('an administrator signs a person out of one browser', async () => {
    const { access, person } = await connected()
    const done = await admin.submit(await admin.open('/admin/people?person=alice'))
    expect(done.text).toContain('that browser is signed out.')
    expect(await works(access)).toBe(false)
    expect((await person.open('/account')).text).toContain('<title>Sign in</title>')
    const [entry] = await idp.store.audit.list({ type: 'session.ended', limit: 1 })
    expect(entry).toMatchObject({ sub: 'alice-1', actor: 'root-1' })
  })

  test('features 52: a form of another site or without its token takes nothing back; nor does who is no administrator', async () => {
    const { access } = await connected()
    const { text } = await admin.open('/admin/people/withdraw?sub=alice-1&client_id=notes')
    const form_token = /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const [session] = await idp.store.sessions.list('alice-1', 0)
    for (const path of ['/admin/people/withdraw?sub=alice-1&client_id=notes', '/admin/people/sign-out?sub=alice-1']) {
      for (const [origin, fields] of [
        ['https://evil.test', { form_token }],
        [idp.issuer, {}],
      ] as const) {
        const body = new URLSearchParams({ ...fields, sid: session?.sid ?? '' })
        expect((await admin.send(path, { method: 'POST', headers: { origin }, body })).status).toBe(403)
      }
    }
    const alice = await signedIn(idp.provider, 'alice')
    expect((await alice.open('/admin/people/withdraw?sub=root-1&client_id=notes')).status).toBe(403)
    expect(await works(access)).toBe(true)
  })
})
