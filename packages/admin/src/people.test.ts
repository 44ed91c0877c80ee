import { createAccounts } from '@latchkey/accounts'
import { createMemoryAccountStore } from '@latchkey/accounts/memory-account-store'
import { type TestProvider, testApi, testProvider, testRuntime } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAdminPages } from './create-admin-pages.ts'
import { signedIn, type TestBrowser } from './test-browser.ts'

let idp: TestProvider
let browser: TestBrowser
const accountStore = { current: createMemoryAccountStore() }
const asked = { scope: 'openid read:messages offline_access', resource: testApi }

/** The house's accounts behind sign-in by name alone, so that no test waits for a password hash. */
async function open() {
  const store = createMemoryAccountStore()
  accountStore.current = store
  const runtime = testRuntime()
  const real = await createAccounts({ store, runtime })
  const record = { passwordHash: null, claims: {}, version: 1, createdAt: 1, updatedAt: 1 }
  await store.create({ ...record, sub: 'alice-1', username: 'alice', admin: false })
  await store.create({ ...record, sub: 'bob', username: 'alice-1', admin: false })
  await store.create({ ...record, sub: 'root-1', username: 'root', admin: true })
  return testProvider({
    runtime,
    pages: [createAdminPages()],
    accounts: {
      ...real,
      async signIn(_context, form) {
        const found = await store.findByUsername(form?.get('username') ?? '')
        if (found !== null) return { outcome: 'signed-in', sub: found.sub, amr: ['pwd'] }
        return { outcome: 'page', response: new Response('Sign in') }
      },
    },
  })
}

beforeEach(async () => {
  idp = await open()
  browser = await signedIn(idp.provider, 'root')
})
afterEach(() => idp.close())

const isActive = async (token: string | undefined) =>
  ((await (await idp.post('/introspect', 'api', { token })).json()) as { active: boolean }).active
const revokedSubjects = async () =>
  (await idp.store.revocations.after(0, 100)).filter(({ kind }) => kind === 'subject').map(({ id }) => id)

describe('people', () => {
  test('somebody is found by name or subject, and nobody is said plainly', async () => {
    for (const wanted of ['alice', 'ALICE', 'alice-1']) {
      const page = await browser.open(`/admin/people?person=${wanted}`)
      expect(page.text).toContain('<dd><code>alice-1</code></dd>')
      expect(page.text).toContain('aria-current="page">People')
    }
    expect((await browser.open('/admin/people?person=mallory')).text).toContain('Nobody signs in as “mallory”')
    expect((await browser.open('/admin/people?person=%3Cscript%3E')).text).not.toContain('<script>')
  })

  test('features 17: ending everything ends sessions and tokens of that person alone, and stands in the audit trail', async () => {
    const theirs = await idp.signIn(asked)
    const other = await idp.signIn({ ...asked, username: 'root' })
    const confirm = await browser.open('/admin/people/end?sub=alice-1')
    expect(await isActive(theirs.access_token)).toBe(true)
    const done = await browser.submit(confirm)
    expect(done.text).toContain('<strong>alice</strong>: every session and every token has ended.')
    expect(await isActive(theirs.access_token)).toBe(false)
    expect(await isActive(other.access_token)).toBe(true)
    expect(await revokedSubjects()).toEqual(['alice-1'])
    const [entry] = await idp.store.audit.list({ limit: 1, type: 'subject.ended' })
    expect(entry).toMatchObject({ sub: 'alice-1', actor: 'root-1' })
    expect(await accountStore.current.find('alice-1')).not.toBeNull()
  })

  test('deleting wants the name typed, then takes the account and all that hangs on it', async () => {
    const theirs = await idp.signIn(asked)
    const confirm = await browser.open('/admin/people/delete?sub=alice-1')
    const wrong = await browser.submit(confirm, { name: 'bob' })
    expect(wrong.status).toBe(400)
    expect(await accountStore.current.find('alice-1')).not.toBeNull()
    const done = await browser.submit(wrong, { name: 'alice' })
    expect(done.text).toContain('the account is deleted')
    expect(await accountStore.current.find('alice-1')).toBeNull()
    expect(await accountStore.current.find('bob')).not.toBeNull()
    expect(await isActive(theirs.access_token)).toBe(false)
    expect((await idp.store.audit.list({ limit: 1, type: 'subject.deleted' }))[0]).toMatchObject({ actor: 'root-1' })
    const everything = JSON.stringify(await idp.store.audit.list({ limit: 100 }))
    expect(everything).not.toContain('"alice"')
  })

  test('nobody deletes themselves', async () => {
    expect((await browser.open('/admin/people?person=root')).text).not.toContain('people/delete')
    expect((await browser.open('/admin/people/delete?sub=root-1')).status).toBe(403)
    const page = await browser.open('/admin/people/end?sub=alice-1')
    const form_token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const body = new URLSearchParams({ form_token, name: 'root' })
    const headers = { origin: new URL(idp.issuer).origin }
    expect((await browser.send('/admin/people/delete?sub=root-1', { method: 'POST', headers, body })).status).toBe(403)
    expect(await accountStore.current.find('root-1')).not.toBeNull()
  })

  test('features 52: a form of another site or without its token ends nobody', async () => {
    for (const [origin, token] of [
      ['https://evil.test', true],
      [idp.issuer, false],
    ] as const) {
      const page = await browser.open('/admin/people/end?sub=alice-1')
      const form_token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
      const body = new URLSearchParams(token ? { form_token } : {})
      const sent = { method: 'POST', headers: { origin }, body }
      expect((await browser.send('/admin/people/end?sub=alice-1', sent)).status).toBe(403)
    }
    expect(await revokedSubjects()).toEqual([])
  })

  test('people who are no administrators see none of it', async () => {
    const alice = await signedIn(idp.provider, 'alice')
    for (const path of ['/admin/people', '/admin/people/end?sub=root-1', '/admin/people/delete?sub=root-1']) {
      expect((await alice.open(path)).status).toBe(403)
    }
  })

  test('what an account left behind that is gone elsewhere can still be ended', async () => {
    await accountStore.current.delete('alice-1')
    const page = await browser.open('/admin/people/end?sub=alice-1')
    expect(page.text).toContain('There is no account with this subject')
    await browser.submit(page)
    expect(await revokedSubjects()).toEqual(['alice-1'])
  })
})
