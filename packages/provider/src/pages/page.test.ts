import { newPerson, type SeenPage, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { assets } from './assets.ts'
import { durationWords } from './duration-words.ts'
import { html, raw } from './html.ts'
import { page, redirectTargets } from './page.ts'

const authorize = `/authorize?${new URLSearchParams({
  client_id: 'web',
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid profile',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})}`

/** One of each page that the provider can show. */
async function everyPage(): Promise<Readonly<Record<string, SeenPage>>> {
  const { provider } = await testProvider()
  const person = newPerson(provider)
  const signIn = await person.open(authorize)
  const consent = await person.post(`${signIn.path}/sign-in`, { username: 'alice' })
  const confirm = await person.open('/end-session')
  const refused = await person.open(authorize.replace('=web', '=nobody'))
  const badSignOut = await person.open('/end-session?post_logout_redirect_uri=https://x.example')
  await person.submit(consent, { decision: 'allow' })
  const finished = await person.open(signIn.path)
  const foreign = await newPerson(provider).open(signIn.path)
  const formPost = await person.open(`${authorize}&response_mode=form_post`)
  const signedOut = await person.submit(confirm, {})
  return { signIn, consent, confirm, refused, badSignOut, finished, foreign, formPost, signedOut }
}

test('RFC 9700 §4.16: no page can be framed, and every page goes without inline script and style, under a policy that forbids them', async () => {
  for (const [name, seen] of Object.entries(await everyPage())) {
    const { text, headers } = seen
    const policy = headers.get('content-security-policy') ?? ''
    expect(text, name).toMatch(/^<!doctype html>/)
    expect(text, name).not.toMatch(/<style|<script(?![^>]* src=)[^>]*>|\sstyle=|\son[a-z]+=|javascript:/i)
    expect(
      text.match(/<script[^>]*>(.*?)<\/script>/gs)?.every((tag) => tag.endsWith('></script>')),
      name,
    ).toBe(true)
    expect(policy, name).toContain("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; ")
    expect(policy, name).toContain("frame-ancestors 'none'; base-uri 'none'")
    expect(policy, name).not.toMatch(/unsafe|\*/)
    expect(headers.get('cache-control'), name).toBe('no-store')
    expect(headers.get('x-frame-options'), name).toBe('DENY')
  }
})

test('every form works without a script: a method, an address here or at the client, and a button that sends', async () => {
  let forms = 0
  for (const [name, { text }] of Object.entries(await everyPage())) {
    for (const [form] of text.matchAll(/<form.*?<\/form>/gs)) {
      forms++
      expect(form, name).toMatch(/<form [^>]*method="post" action="(\/|https:\/\/app\.example\.com\/cb")/)
      expect(form, name).toMatch(/<button(?! type="button")/)
    }
  }
  expect(forms).toBeGreaterThanOrEqual(3)
})

test('every file that a page links to is there, under a name that changes with its content', async () => {
  const { provider, request } = await testProvider()
  const { text } = await newPerson(provider).open(authorize)
  const links = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
  expect(links).toHaveLength(3)
  expect(assets.map(({ path }) => path)).toEqual(expect.arrayContaining(links))
  for (const path of links) {
    const response = await request(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(path).toMatch(/-[\w-]{12}\.(css|js|svg)$/)
  }
  expect((await request('/assets/latchkey-000000000000.css')).status).toBe(404)
})

test('a provider below a path links and binds cookies below that path', async () => {
  const { provider } = await testProvider({ issuer: 'https://id.example.com/tenant' })
  const person = newPerson(provider)
  const seen = await person.open(`/tenant${authorize}`)
  expect(seen.path).toMatch(/^\/tenant\/interaction\//)
  expect(seen.text).toContain('href="/tenant/assets/')
  const consent = await person.post(`${seen.path}/sign-in`, { username: 'alice' })
  expect((await person.submit(consent, { decision: 'allow' })).leftTo?.searchParams.get('code')).toBeTruthy()
  expect([...person.cookies.keys()].some((name) => name.startsWith('__Host-'))).toBe(false)
})

describe('the shell', () => {
  test('escapes everything that is not HTML already', async () => {
    const response = page({ title: '<b>', body: html`<p>${'<i>'}${raw('<u></u>')}${null}${false}</p>` })
    const text = await response.text()
    expect(text).toContain('<title>&lt;b&gt;</title>')
    expect(text).toContain('<p>&lt;i&gt;<u></u></p>')
    expect(await page({ title: 'x', body: '<script>' }).text()).toContain('&lt;script&gt;')
  })

  test('a form may end at the client’s redirect URI, whatever its scheme', () => {
    expect(redirectTargets('https://app.example.com/cb')).toEqual(['https:'])
    expect(redirectTargets('http://example.org/')).toEqual(['https:', 'http:'])
    expect(redirectTargets('com.example.app:/cb')).toEqual(['https:', 'com.example.app:'])
  })

  test('lengths of time are said in the largest unit that fits', () => {
    expect([1, 59, 60, 3600, 86_400, 1_209_600, 7_776_000].map((seconds) => durationWords(seconds))).toEqual([
      '1 second',
      '59 seconds',
      '1 minute',
      '1 hour',
      '1 day',
      '14 days',
      '90 days',
    ])
  })
})
