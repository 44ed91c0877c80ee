import { type TestProvider, testProvider } from '@latchkey/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAdminPages } from './create-admin-pages.ts'
import { signedIn } from './test-browser.ts'

let idp: TestProvider
beforeEach(async () => {
  idp = await testProvider({ pages: [createAdminPages()] })
})
afterEach(() => idp.close())

test('a confidential client made here as the form stands goes through the documented walk, without PKCE', async () => {
  const browser = await signedIn(idp.provider, 'root')
  const form = await browser.open('/admin/clients/new')
  const review = await browser.submit(form, { client_name: 'Walk', redirect_uris: 'http://example.org/' })
  const page = await browser.submit(review, {}, { name: 'step', value: 'confirm' })
  const [client_id = '', client_secret = ''] = [...page.text.matchAll(/<code class="secret"[^>]*>([^<]*)</g)].map(
    (match) => match[1] ?? '',
  )

  const query = new URLSearchParams({
    client_id,
    redirect_uri: 'http://example.org/',
    response_type: 'code',
    scope: 'openid email profile',
    state: '123123',
  })
  const asked = await browser.send(`/authorize?${query}`)
  const consent = await browser.open(asked.headers.get('location') ?? '')
  expect(consent.text).toContain('Walk asks for access')
  const [, action = ''] = /<form[^>]*action="([^"]+)"/.exec(consent.text) ?? []
  const [, form_token = ''] = /name="form_token" value="([^"]+)"/.exec(consent.text) ?? []
  const allowed = await browser.send(action, {
    method: 'POST',
    body: new URLSearchParams({ form_token, decision: 'allow' }),
  })
  const answer = new URL(allowed.headers.get('location') ?? '')
  expect([answer.origin, answer.searchParams.get('state')]).toEqual(['http://example.org', '123123'])

  const token = async (fields: Record<string, string>) => {
    const body = new URLSearchParams({ client_id, client_secret, ...fields })
    const response = await idp.request('/token/', { method: 'POST', body })
    expect(response.status).toBe(200)
    return (await response.json()) as Record<string, string>
  }
  const code = answer.searchParams.get('code') ?? ''
  const tokens = await token({ grant_type: 'authorization_code', code, redirect_uri: 'http://example.org/' })
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, id_token: expect.any(String) })
  const userinfo = await idp.request('/userinfo/', { headers: { authorization: `Bearer ${tokens.access_token}` } })
  expect(await userinfo.json()).toMatchObject({ sub: 'root-1' })
  const renewed = await token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
  expect(renewed.refresh_token).not.toBe(tokens.refresh_token)

  const remove = await browser.open(`/admin/clients/delete?client_id=${client_id}`)
  await browser.submit(remove, { name: 'Walk' })
  const after = await idp.request('/userinfo/', { headers: { authorization: `Bearer ${renewed.access_token}` } })
  expect(after.status).toBe(401)
})
