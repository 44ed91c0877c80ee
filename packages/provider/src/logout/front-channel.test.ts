import { createHash } from 'node:crypto'
import { client, newPerson, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const leaving = 'https://a.example.com/bye'
const a = client({
  client_id: 'a',
  client_name: 'Acme',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://a.example.com/cb'],
  post_logout_redirect_uris: [leaving],
  require_consent: false,
  frontchannel_logout_uri: 'https://a.example.com/front?keep=1',
  frontchannel_logout_session_required: true,
})
const b = client({
  client_id: 'b',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://b.example.com/cb'],
  require_consent: false,
  frontchannel_logout_uri: 'https://b.example.com/front',
})
const app = client({
  client_id: 'app',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['com.example.app:/cb'],
  require_consent: false,
})

async function house() {
  const kit = await testProvider({ moreClients: [a, b, app] })
  const person = newPerson(kit.provider)
  async function signIn(id: string, more: Record<string, string> = {}) {
    const query = new URLSearchParams({
      client_id: id,
      response_type: 'code',
      redirect_uri: [a, b, app].find(({ client_id }) => client_id === id)?.redirect_uris[0] ?? '',
      scope: 'openid',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...more,
    })
    const page = await person.open(`/authorize?${query}`)
    return page.leftTo ?? (await person.post(`${page.path}/sign-in`, { username: 'alice' })).leftTo
  }
  return { ...kit, person, signIn }
}

const signOutPath = `/end-session?client_id=a&post_logout_redirect_uri=${encodeURIComponent(leaving)}&state=s1`

describe('Front-Channel Logout', () => {
  test('§2, §3: the page loads each client’s address, with issuer and session where the client wants both', async () => {
    const { person, signIn, issuer } = await house()
    for (const id of ['a', 'b']) await signIn(id)
    const page = await person.submit(await person.open(signOutPath), {})
    const frames = [...page.text.matchAll(/<iframe src="([^"]+)"/g)].map(
      ([, src]) => new URL(src?.replaceAll('&amp;', '&') ?? ''),
    )
    expect(frames.map(({ origin }) => origin)).toEqual(['https://a.example.com', 'https://b.example.com'])
    expect(Object.fromEntries(frames[0]?.searchParams ?? [])).toEqual({
      keep: '1',
      iss: issuer,
      sid: expect.any(String),
    })
    expect(frames[1]?.search).toBe('')
  })

  test('§2: the policy of the page lets exactly those origins be framed', async () => {
    const { person, signIn } = await house()
    await signIn('a')
    const page = await person.submit(await person.open(signOutPath), {})
    expect(page.headers.get('content-security-policy')).toContain('; frame-src https://a.example.com;')
  })

  test('§2: without JavaScript the page leads on all the same, by a link and after a moment', async () => {
    const { person, signIn } = await house()
    await signIn('a')
    const page = await person.submit(await person.open(signOutPath), {})
    expect(page.headers.get('refresh')).toBe(`5; url=${leaving}?state=s1`)
    expect(page.text).toContain(`href="${leaving}?state=s1"`)
    expect(page.text).toContain('Acme')
  })

  test('where no client is told by the browser, it is sent on at once', async () => {
    const { person, signIn, signIn: _ } = await house()
    await signIn('app')
    expect((await person.submit(await person.open(signOutPath), {})).leftTo?.href).toBe(`${leaving}?state=s1`)
  })

  test('features 6: a page of another site that sends people to sign out ends nothing until they say so', async () => {
    const { person, signIn } = await house()
    await signIn('a')
    const asking = await person.open(signOutPath)
    expect(asking.text).not.toContain('<iframe')
    expect((await person.post('/end-session', { form_token: 'forged' })).text).toContain('Sign out?')
    expect(await signIn('a', { prompt: 'none' })).toMatchObject({ search: expect.stringContaining('code=') })
  })

  test('§3: metadata says so', async () => {
    const { provider } = await house()
    expect(provider.metadata).toMatchObject({
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    })
  })
})

describe('Session Management', () => {
  const stateOf = (url: URL | null | undefined) => url?.searchParams.get('session_state') ?? ''
  const cookie = '__Host-latchkey_browser_state'

  test('§2, §3.2: the answer carries a session_state that the frame can compute from its cookie', async () => {
    const { signIn, person } = await house()
    const [hash, salt = ''] = stateOf(await signIn('a')).split('.')
    const text = ['a', 'https://a.example.com', person.cookies.get(cookie), salt].join(' ')
    expect(hash).toBe(createHash('sha256').update(text).digest('base64url'))
  })

  test('§3.2: the cookie of the frame is not the session and ends with it', async () => {
    const { signIn, person } = await house()
    await signIn('a')
    const value = person.cookies.get(cookie)
    expect(person.cookies.get('__Host-latchkey_session')).not.toContain(value)
    await person.submit(await person.open('/end-session'), {})
    expect(person.cookies.has(cookie)).toBe(false)
    await signIn('a')
    expect(person.cookies.get(cookie)).not.toBe(value)
  })

  test('§3.2: signing in anew as the same person changes nothing', async () => {
    const { signIn, person } = await house()
    await signIn('a')
    const value = person.cookies.get(cookie)
    await signIn('a', { prompt: 'login' })
    expect(person.cookies.get(cookie)).toBe(value)
  })

  test('§2: an app without an origin, and a request without openid, get none', async () => {
    const { signIn } = await house()
    expect((await signIn('app'))?.href).not.toContain('session_state')
    expect((await signIn('a', { scope: 'profile' }))?.href).not.toContain('session_state')
  })

  test('§3.3: the frame’s page has an external script under a strict policy, and any site may frame it', async () => {
    const { person, provider, request } = await house()
    expect(provider.metadata.check_session_iframe).toBe(`${provider.issuer}/check-session`)
    const page = await person.open('/check-session')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(page.headers.get('content-security-policy')).not.toContain('frame-ancestors')
    expect(page.headers.has('x-frame-options')).toBe(false)
    const script = /<script src="([^"]+)"/.exec(page.text)?.[1] ?? ''
    expect((await request(script)).headers.get('content-type')).toContain('javascript')
    expect(page.text).toContain(`data-cookie="${cookie}"`)
  })
})
