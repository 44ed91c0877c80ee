import { type TestProvider, testProvider } from '@latchkey/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAdminPages } from './create-admin-pages.ts'
import { signedIn, type TestBrowser, testBrowser } from './test-browser.ts'

const hostile = `"><script>alert('x')</script>`

let idp: TestProvider
let browser: TestBrowser
beforeEach(async () => {
  idp = await testProvider({ issuer: 'https://id.example.com/op', pages: [createAdminPages()] })
  browser = await signedIn(idp.provider, 'root')
})
afterEach(() => idp.close())

const audit = async (query = '') => (await browser.open(`/op/admin/audit${query}`)).text
/** The kinds of the entries of a page, in order. */
const typesOn = (text: string) =>
  [...text.matchAll(/<code class="muted">([a-z-]+\.[a-z-]+)<\/code>/g)].map(([, type]) => type)

/** An entry as the provider makes them, so many seconds ago. */
async function entry(secondsAgo: number, more: object = {}): Promise<void> {
  const at = idp.clock.now() - secondsAgo
  const id = `${Math.floor(at * 1000)
    .toString(16)
    .padStart(11, '0')}${String(serial++).padStart(6, '0')}`
  const nothing = { clientId: null, sub: null, actor: null, familyId: null, grantType: null, error: null, detail: null }
  const record = { id, type: 'client.changed', at, requestId: 'r', ...nothing, expiresAt: at + 1e6, ...more }
  await idp.store.audit.append([record])
}
let serial = 0

test('what an administrator does to a client stands there when the page that says so is shown', async () => {
  const form = await browser.open('/op/admin/clients/new')
  const review = await browser.submit(form, { client_name: 'Acme', redirect_uris: 'http://example.org/' })
  const page = await browser.submit(review, {}, { name: 'step', value: 'confirm' })
  const [, id = ''] = /<code class="secret"[^>]*>([^<]*)</.exec(page.text) ?? []
  const edit = await browser.open(`/op/admin/clients/edit?client_id=${id}`)
  const changed = await browser.submit(edit, { client_name: 'Acme 2' })
  await browser.submit(changed, {}, { name: 'step', value: 'confirm' })
  await browser.submit(await browser.open(`/op/admin/clients/new-secret?client_id=${id}`), { previous: '0' })
  await browser.submit(await browser.open(`/op/admin/clients/delete?client_id=${id}`), { name: 'Acme 2' })
  const text = await audit(`?client=${id}`)
  const done = ['client.deleted', 'client.secret-renewed', 'client.changed', 'client.registered']
  expect(typesOn(text)).toEqual(done)
  expect(text.match(/<span class="muted">by<\/span> <a [^>]*>root<\/a>/g)).toHaveLength(4)
  expect(text).toContain('client_name')
})

test('entries are filtered by kind, person, client and day, and the form keeps what was asked', async () => {
  await entry(10, { sub: 'alice-1', type: 'session.started' })
  await entry(5, { sub: 'alice-1', type: 'token.issued', clientId: 'web' })
  await entry(3 * 86_400, { clientId: 'web' })
  expect(typesOn(await audit('?person=alice'))).toEqual(['token.issued', 'session.started'])
  expect(typesOn(await audit('?person=alice-1&type=token.issued'))).toEqual(['token.issued'])
  expect(typesOn(await audit('?client=web'))).toEqual(['token.issued', 'client.changed'])
  const day = new Date((idp.clock.now() - 3 * 86_400) * 1000).toISOString().slice(0, 10)
  const ofDay = await audit(`?from=${day}&until=${day}`)
  expect(typesOn(ofDay)).toEqual(['client.changed'])
  expect(ofDay).toContain(`name="from" value="${day}"`)
  expect(await audit('?person=nobody')).toContain('No entry is like this')
  expect(typesOn(await audit('?from=yesterday&until=9999-99-99'))).not.toEqual([])
})

test('many entries come in pages, each entry once, with the filters kept', async () => {
  for (let number = 0; number < 120; number++) await entry(1000 - number, { clientId: 'web' })
  const seen: string[] = []
  let path: string | undefined = '?client=web'
  for (let pages = 0; path !== undefined && pages < 9; pages++) {
    const text: string = await audit(path)
    seen.push(...typesOn(text).map(String))
    path = /href="[^"?]*(\?[^"]+)">Next page/.exec(text)?.[1]?.replaceAll('&amp;', '&')
    if (path !== undefined) expect(path).toContain('client=web')
  }
  expect(seen).toHaveLength(120)
})

test('nothing that stands in an entry or in the address becomes part of the page', async () => {
  await entry(1, { sub: hostile, clientId: hostile, detail: hostile, type: 'from.newer', error: hostile })
  const query = ['type', 'person', 'client', 'from', 'before'].map((name) => `${name}=${encodeURIComponent(hostile)}`)
  const texts = [await audit(), await audit(`?${query.join('&')}`)]
  for (const text of texts) expect(text).not.toContain('<script>alert')
  expect(typesOn(texts[0] ?? '')).toContain('from.newer')
})

test('only administrators read it, and a store without entries says how the first comes', async () => {
  const alice = await signedIn(idp.provider, 'alice')
  expect((await alice.open('/op/admin/audit')).status).toBe(403)
  expect((await testBrowser(idp.provider).open('/op/admin/audit')).text).not.toContain('Audit')
  await idp.close()
  idp = await testProvider({
    issuer: 'https://id.example.com/op',
    pages: [createAdminPages()],
    audit: { level: 'off' },
  })
  browser = await signedIn(idp.provider, 'root')
  expect(await audit()).toContain('audit.level')
})
