import { client, type TestProvider, testProvider } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAdminPages } from './create-admin-pages.ts'
import { type Page, signedIn, type TestBrowser, testBrowser } from './test-browser.ts'

let idp: TestProvider
let browser: TestBrowser

beforeEach(async () => {
  idp = await testProvider({ issuer: 'https://id.example.com/op', pages: [createAdminPages()] })
  browser = await signedIn(idp.provider, 'root')
})
afterEach(() => idp.close())

describe('who may come in', () => {
  test('nobody is signed in: the sign-in page, then back to the page asked for', async () => {
    const fresh = testBrowser(idp.provider)
    const page = await fresh.open('/op/admin/clients?search=acme')
    expect(page.text).toContain('username')
    const body = new URLSearchParams({ username: 'root' })
    const response = await fresh.send(`${new URL(page.url).pathname}/sign-in`, { method: 'POST', body })
    expect(response.headers.get('location')).toBe('/op/admin/clients?search=acme')
  })

  test('an account without the right gets 403 everywhere, and changes nothing', async () => {
    browser = await signedIn(idp.provider, 'alice')
    for (const path of [
      '/op/admin',
      '/op/admin/clients',
      '/op/admin/clients/new',
      '/op/admin/clients/show?client_id=web',
    ]) {
      const page = await browser.open(path)
      expect([page.status, page.text.includes('not an administrator')]).toEqual([403, true])
    }
    const response = await browser.send('/op/admin/clients/new', {
      method: 'POST',
      body: new URLSearchParams({ step: 'confirm' }),
    })
    expect(response.status).toBe(403)
  })

  test('other addresses are none of its own', async () => {
    expect((await browser.open('/op/administrator')).status).toBe(404)
    expect((await browser.open('/op/admin/nothing')).status).toBe(404)
    expect((await browser.send('/op/admin/clients', { method: 'POST' })).status).toBe(405)
  })
})

describe('forged requests', () => {
  const post = (headers: Record<string, string>, fields: Record<string, string>) =>
    browser.send('/op/admin/clients/new', { method: 'POST', headers, body: new URLSearchParams(fields) })

  test.each<[string, Record<string, string>]>([
    ['from another origin', { origin: 'https://evil.test' }],
    ['from an opaque origin', { origin: 'null' }],
    ['from another origin of the same site', { 'sec-fetch-site': 'same-site' }],
  ])('RFC 6749 §10.12: a form %s is refused, even with the right token', async (_title, headers) => {
    const token =
      /name="form_token" value="([^"]+)"/.exec((await browser.open('/op/admin/clients/new')).text)?.[1] ?? ''
    expect((await post(headers, { form_token: token, step: 'review', client_name: 'A' })).status).toBe(403)
    expect((await post({ origin: 'https://id.example.com' }, { form_token: token, step: 'review' })).status).toBe(400)
  })

  test('RFC 6749 §10.12: a form without a token, or with another session’s, is refused', async () => {
    const other = await signedIn(idp.provider, 'root')
    const token = /name="form_token" value="([^"]+)"/.exec((await other.open('/op/admin/clients/new')).text)?.[1] ?? ''
    expect((await post({}, { step: 'review' })).status).toBe(403)
    expect((await post({}, { form_token: token, step: 'review' })).status).toBe(403)
  })
})

describe('the list', () => {
  test('is searched and paged by its address, each client once', async () => {
    const moreClients = Array.from({ length: 60 }, (_, index) =>
      client({
        client_id: `many-${String(index).padStart(2, '0')}`,
        client_name: `Many ${index}`,
        redirect_uris: ['https://m.example/'],
        token_endpoint_auth_method: 'none',
      }),
    )
    await idp.close()
    idp = await testProvider({ issuer: 'https://id.example.com/op', pages: [createAdminPages()], moreClients })
    browser = await signedIn(idp.provider, 'root')
    const seen: string[] = []
    let path: string | undefined = '/op/admin/clients?search=many'
    for (let pages = 0; path !== undefined && pages < 5; pages++) {
      const page: Page = await browser.open(path)
      seen.push(...[...page.text.matchAll(/<code class="muted">(many-\d\d)<\/code>/g)].map((match) => match[1] ?? ''))
      path = /href="([^"]+)">Next page/.exec(page.text)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen).toEqual(moreClients.map(({ client_id }) => client_id))
  })

  test('says what to do when it is empty', async () => {
    expect((await browser.open('/op/admin/clients?search=zzz')).text).toContain('has “zzz” in it')
    await idp.close()
    idp = await testProvider({ issuer: 'https://id.example.com/op', pages: [createAdminPages()], clients: [] })
    browser = await signedIn(idp.provider, 'root')
    expect((await browser.open('/op/admin/clients')).text).toContain('Create the first client')
  })

  test('its stylesheet may be kept for ever, and every page has a strict policy', async () => {
    const page = await browser.open('/op/admin/clients')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    const href = /href="([^"]+admin-[^"]+\.css)"/.exec(page.text)?.[1] ?? ''
    const style = await browser.send(href)
    expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
    expect(style.headers.get('cache-control')).toContain('immutable')
  })
})
