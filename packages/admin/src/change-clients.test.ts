import { type TestProvider, testProvider } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAdminPages } from './create-admin-pages.ts'
import { type Page, signedIn, type TestBrowser } from './test-browser.ts'

const hostile = `"><script>alert('x')</script>`
const confirm = { name: 'step', value: 'confirm' }

let idp: TestProvider
let browser: TestBrowser

beforeEach(async () => {
  idp = await testProvider({ issuer: 'https://id.example.com/op', pages: [createAdminPages()] })
  browser = await signedIn(idp.provider, 'root')
})
afterEach(() => idp.close())

async function created(
  fields: Record<string, string | undefined> = {},
): Promise<{ id: string; secret: string; page: Page; review: Page }> {
  const form = await browser.open('/op/admin/clients/new')
  const review = await browser.submit(form, { client_name: 'Acme', redirect_uris: 'http://example.org/', ...fields })
  const page = await browser.submit(review, {}, confirm)
  const [id = '', secret = ''] = [...page.text.matchAll(/<code class="secret"[^>]*>([^<]*)</g)].map(
    (match) => match[1] ?? '',
  )
  return { id, secret, page, review }
}

const stored = async (id: string) => (await idp.store.clients.find(id))?.metadata

describe('creating', () => {
  test('features 1, 2: a client gets an id nobody guesses and a secret that is shown once and stored as its hash', async () => {
    const { id, secret, page, review } = await created()
    expect(review.text).toContain('Create Acme?')
    expect(review.text).not.toContain('class="secret"')
    expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(JSON.stringify(await idp.store.clients.find(id))).not.toContain(secret)
    const later = await browser.open(`/op/admin/clients/show?client_id=${id}`)
    expect(later.text).not.toContain(secret)
    expect((await created()).id).not.toBe(id)
  })

  test('sending the confirmation again makes no second client and shows no secret', async () => {
    const { review, id, secret } = await created()
    const again = await browser.submit(review, {}, confirm)
    expect(again.status).toBe(409)
    expect(again.text).not.toContain(secret)
    expect(again.text).toContain(`client_id=${id}`)
    expect((await browser.open('/op/admin/clients?search=Acme')).text.match(/scope="row"/g)).toHaveLength(1)
  })

  test('features 2: an id of one’s own choice is not taken', async () => {
    const form = await browser.open('/op/admin/clients/new')
    const review = await browser.submit(form, { client_name: 'Acme', redirect_uris: 'http://example.org/' })
    const page = await browser.submit(review, { client_id: 'acme' }, confirm)
    expect(page.text).toContain('Create Acme?')
    expect(await stored('acme')).toBeUndefined()
  })

  test('what is wrong stands beside its field, and what was typed stays', async () => {
    const form = await browser.open('/op/admin/clients/new')
    const typed = { client_name: 'Acme', redirect_uris: `https://a.example/cb\r\nhttps://a.example/*\r\n${hostile}` }
    const page = await browser.submit(form, {
      ...typed,
      logo_uri: 'ftp://x',
      'grant_types:authorization_code': undefined,
    })
    expect(page.status).toBe(400)
    expect(page.text).toMatch(/4 things have to be put right/)
    expect(page.text).toMatch(/id="redirect_uris"[^>]*aria-invalid="true" aria-describedby="redirect_uris-error/)
    expect(page.text).toContain('must not have a wildcard')
    expect(page.text).toMatch(/id="logo_uri-error">Must be an http\(s\) URL/)
    expect(page.text).toMatch(/id="response_types-error">Has &quot;code&quot;, which needs/)
    expect(page.text).toContain('https://a.example/cb')
    expect(page.text).not.toContain('<script>alert')
    const mended = await browser.submit(page, {
      redirect_uris: 'https://a.example/cb',
      logo_uri: '',
      'grant_types:authorization_code': 'on',
    })
    expect(mended.text).toContain('Create Acme?')
  })

  test('going back from the review keeps everything', async () => {
    const form = await browser.open('/op/admin/clients/new')
    const review = await browser.submit(form, {
      client_name: 'Acme',
      redirect_uris: 'https://a.example/',
      require_pkce: 'on',
    })
    const back = await browser.submit(review, {}, { name: 'step', value: 'back' })
    expect(back.text).toContain('value="Acme"')
    expect(back.text).toMatch(/id="require_pkce"[^>]* checked/)
  })

  test('features 4: a public client always needs PKCE and has no secret', async () => {
    const { id, secret } = await created({ token_endpoint_auth_method: 'none', require_pkce: undefined })
    expect(secret).toBe('')
    expect(await stored(id)).toMatchObject({ token_endpoint_auth_method: 'none', require_pkce: true })
    expect((await browser.open(`/op/admin/clients/new-secret?client_id=${id}`)).status).toBe(404)
  })

  test('a name made to hurt is shown as it is', async () => {
    const { id, page } = await created({ client_name: hostile })
    const pages = ['show', 'edit', 'delete'].map((path) => browser.open(`/op/admin/clients/${path}?client_id=${id}`))
    for (const shown of [page, await browser.open('/op/admin/clients'), ...(await Promise.all(pages))]) {
      expect(shown.text).toContain('alert(')
      expect(shown.text).not.toContain('<script>alert')
      expect(shown.text).not.toContain(hostile)
    }
  })
})

describe('changing', () => {
  test('the review says what was and will be, and afterwards what changed', async () => {
    const { id } = await created()
    const form = await browser.open(`/op/admin/clients/edit?client_id=${id}`)
    const review = await browser.submit(form, { client_name: 'Acme Notes', require_consent: undefined })
    expect(review.text).toMatch(/<del>Acme<\/del>[\s\S]*<ins>Acme Notes<\/ins>/)
    expect((await stored(id))?.client_name).toBe('Acme')
    const done = await browser.submit(review, {}, confirm)
    expect(done.text).toContain('Saved. Changed: <strong>Name, Ask for consent</strong>')
    expect(await stored(id)).toMatchObject({ client_name: 'Acme Notes', require_consent: false })
    const forged = await browser.open(`/op/admin/clients/show?client_id=${id}&changed=scope&proof=x`)
    expect(forged.text).not.toContain('Saved')
  })

  test('nothing changed: nothing to confirm', async () => {
    const { id } = await created()
    const page = await browser.submit(await browser.open(`/op/admin/clients/edit?client_id=${id}`))
    expect(page.text).toContain('Nothing is different')
  })

  test('of two who edit at once the second sees what the first saved, and overwrites it only knowingly', async () => {
    const { id } = await created()
    const [mine, theirs] = [
      await browser.open(`/op/admin/clients/edit?client_id=${id}`),
      await browser.open(`/op/admin/clients/edit?client_id=${id}`),
    ]
    const theirReview = await browser.submit(theirs, { client_name: 'Theirs' })
    const myReview = await browser.submit(mine, { client_name: 'Mine' })
    await browser.submit(theirReview, {}, confirm)
    const stale = await browser.submit(myReview, {}, confirm)
    expect(stale.status).toBe(409)
    expect(stale.text).toMatch(/<del>Theirs<\/del>[\s\S]*<ins>Mine<\/ins>/)
    expect((await stored(id))?.client_name).toBe('Theirs')
    await browser.submit(await browser.submit(stale), {}, confirm)
    expect((await stored(id))?.client_name).toBe('Mine')
  })

  test('a public client that becomes confidential gets a secret; the other way it loses it', async () => {
    const { id } = await created({ token_endpoint_auth_method: 'none' })
    const edit = () => browser.open(`/op/admin/clients/edit?client_id=${id}`)
    const review = await browser.submit(await edit(), { token_endpoint_auth_method: 'client_secret_basic' })
    expect(review.text).toContain('It gets a secret')
    expect((await browser.submit(review, {}, confirm)).text).toContain('id="client-secret"')
    expect((await idp.store.clients.find(id))?.secretHashes).toHaveLength(1)
    const publicAgain = await browser.submit(await edit(), { token_endpoint_auth_method: 'none' })
    expect(publicAgain.text).toContain('Its secret stops working')
    await browser.submit(publicAgain, {}, confirm)
    expect((await idp.store.clients.find(id))?.secretHashes).toHaveLength(0)
  })

  test('the secret before stays for a day unless it is ended at once, and the page of the client says so', async () => {
    const { id } = await created()
    const pageOf = async () => (await browser.open(`/op/admin/clients/show?client_id=${id}`)).text
    const asked = () => browser.open(`/op/admin/clients/new-secret?client_id=${id}`)
    await browser.submit(await asked(), {})
    expect(await pageOf()).toContain('Secret before')
    const kept = (await idp.store.clients.find(id))?.previousSecret
    expect(kept?.expiresAt).toBeGreaterThan(86_000)
    await browser.submit(await asked(), { previous: '0' })
    expect(await pageOf()).not.toContain('Secret before')
  })

  test('a new secret replaces the old one once, however often the form is sent', async () => {
    const { id, secret } = await created()
    const asked = await browser.open(`/op/admin/clients/new-secret?client_id=${id}`)
    const page = await browser.submit(asked)
    const [, renewed] = /id="client-secret"[^>]*>([^<]*)</.exec(page.text) ?? []
    expect(renewed).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(renewed).not.toBe(secret)
    const again = await browser.submit(asked)
    expect([again.status, again.text.includes('id="client-secret"')]).toEqual([409, false])
    expect((await idp.store.clients.find(id))?.secretHashes).toHaveLength(1)
  })

  test('deletion asks for the name, and then the client is gone', async () => {
    const { id } = await created()
    const ask = await browser.open(`/op/admin/clients/delete?client_id=${id}`)
    const wrong = await browser.submit(ask, { name: 'acme' })
    expect([wrong.status, await stored(id)]).toEqual([400, expect.anything()])
    const done = await browser.submit(ask, { name: 'Acme' })
    expect(done.text).toContain('<strong>Acme</strong> is deleted')
    expect(await stored(id)).toBeUndefined()
    expect((await browser.open(`/op/admin/clients/show?client_id=${id}`)).status).toBe(404)
    expect((await browser.open('/op/admin/clients?deleted=Bank&proof=x')).text).not.toContain('is deleted')
  })

  test('a configured client is shown with the reason why it is read-only, and every change is refused', async () => {
    const page = await browser.open('/op/admin/clients/show?client_id=web')
    expect(page.text).toContain('configuration file')
    expect(page.text).not.toMatch(/clients\/(edit|delete|new-secret)/)
    for (const path of ['edit', 'delete', 'new-secret']) {
      expect((await browser.open(`/op/admin/clients/${path}?client_id=web`)).status).toBe(409)
    }
  })
})
