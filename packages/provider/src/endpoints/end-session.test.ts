import { client, newPerson, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const leaving = 'https://app.example.com/bye'
const shop = client({
  client_id: 'shop',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['https://app.example.com/cb'],
  post_logout_redirect_uris: [leaving, 'https://app.example.com/bye?from=op'],
  require_consent: false,
})
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const authorize = `/authorize?${new URLSearchParams({
  client_id: 'shop',
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})}`

async function signedIn(path = authorize) {
  const kit = await testProvider({ moreClients: [shop] })
  const person = newPerson(kit.provider)
  const page = await person.open(path)
  const { leftTo } = await person.post(`${page.path}/sign-in`, { username: 'alice' })
  const code = leftTo?.searchParams.get('code') ?? ''
  const tokens = await kit.token('shop', {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: 'https://app.example.com/cb',
  })
  const isSignedIn = async () =>
    (await person.open(`${authorize}&prompt=none`)).leftTo?.searchParams.get('error') !== 'login_required'
  const end = (parameters: Record<string, string | undefined>) =>
    person.open(
      `/end-session?${new URLSearchParams(Object.entries(parameters).filter((e): e is [string, string] => e[1] !== undefined))}`,
    )
  return { ...kit, person, tokens, isSignedIn, end, hint: tokens.id_token ?? '' }
}

describe('RP-Initiated Logout §2', () => {
  test('a hint of this session signs out at once and returns with the state as given', async () => {
    const { end, hint, isSignedIn, events } = await signedIn()
    const { leftTo } = await end({ id_token_hint: hint, post_logout_redirect_uri: leaving, state: 'a b&c' })
    expect(leftTo?.href.startsWith(`${leaving}?state=`)).toBe(true)
    expect(leftTo?.searchParams.get('state')).toBe('a b&c')
    expect(await isSignedIn()).toBe(false)
    expect(events.at(-2)).toMatchObject({ type: 'session.ended', sub: 'alice-1' })
  })

  test('an expired hint still counts', async () => {
    const { end, hint, clock, isSignedIn } = await signedIn()
    clock.advance(86_400)
    expect((await end({ id_token_hint: hint })).text).toContain('You are signed out')
    expect(await isSignedIn()).toBe(false)
  })

  test.each([
    ['an altered payload', (hint: string) => alter(hint, (claims) => ({ ...claims, iat: 1 }))],
    ['no signature', (hint: string) => `${hint.split('.').slice(0, 2).join('.')}.`],
    [
      'alg none',
      (hint: string) => `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${hint.split('.')[1]}.`,
    ],
    ['an access token', (_: string, access: string) => access],
    ['nonsense', () => 'x.y.z'],
  ])('features 6: an id_token_hint that does not verify (%s) signs nobody out', async (_, forge) => {
    const { end, hint, isSignedIn, signIn } = await signedIn()
    const { access_token } = await signIn({ resource: 'https://api.example.com', scope: 'openid' })
    const page = await end({ id_token_hint: forge(hint, access_token) })
    expect(page.text).toContain('<h1>Sign out?</h1>')
    expect(await isSignedIn()).toBe(true)
    const redirecting = await end({ id_token_hint: forge(hint, access_token), post_logout_redirect_uri: leaving })
    expect(redirecting.leftTo).toBeNull()
    expect(redirecting.status).toBe(400)
    expect(await isSignedIn()).toBe(true)
  })

  test('a hint of another session asks first', async () => {
    const { end, signIn, isSignedIn } = await signedIn()
    const { id_token: foreign } = await signIn({ username: 'root' })
    expect((await end({ id_token_hint: foreign })).text).toContain('Sign out?')
    expect(await isSignedIn()).toBe(true)
  })

  test('without a hint the person is asked, and their own form signs out', async () => {
    const { person, end, isSignedIn } = await signedIn()
    const page = await end({ client_id: 'shop', post_logout_redirect_uri: leaving, state: 's' })
    expect(page.text).toContain('You are signed in as <strong>alice</strong>')
    expect(await isSignedIn()).toBe(true)
    expect((await person.submit(page, {})).leftTo?.href).toBe(`${leaving}?state=s`)
    expect(await isSignedIn()).toBe(false)
  })

  test('another site cannot send the form in the person’s name', async () => {
    const { person, isSignedIn } = await signedIn()
    expect((await person.post('/end-session', { form_token: 'guess' })).text).toContain('Sign out?')
    expect((await person.post('/end-session', {})).text).toContain('Sign out?')
    expect(await isSignedIn()).toBe(true)
  })

  test.each([
    ['not registered', { client_id: 'shop', post_logout_redirect_uri: 'https://evil.example/' }],
    ['longer than the registered one', { client_id: 'shop', post_logout_redirect_uri: `${leaving}/x` }],
    ['without a client', { post_logout_redirect_uri: leaving }],
    ['of an unknown client', { client_id: 'nobody', post_logout_redirect_uri: leaving }],
  ])(
    'RP-Initiated Logout §3: a redirect URI %s is answered on a page that offers to sign out',
    async (_, parameters) => {
      const { end, isSignedIn } = await signedIn()
      const page = await end(parameters)
      expect(page.leftTo).toBeNull()
      expect(page.status).toBe(400)
      expect(page.text).toContain('href="/end-session"')
      expect(await isSignedIn()).toBe(true)
    },
  )

  test('a client_id that is not the hint’s audience is refused', async () => {
    const { end, hint, isSignedIn } = await signedIn()
    expect((await end({ id_token_hint: hint, client_id: 'web' })).status).toBe(400)
    expect(await isSignedIn()).toBe(true)
  })

  test('whoever is signed out already is sent on, and a query in the URI is kept', async () => {
    const { end, hint } = await signedIn()
    await end({ id_token_hint: hint })
    const { leftTo } = await end({ client_id: 'shop', post_logout_redirect_uri: `${leaving}?from=op`, state: 's' })
    expect(leftTo?.href).toBe(`${leaving}?from=op&state=s`)
  })

  test('RFC 9700 §4.12: a POST, which comes without the cookie from another site, is asked again as a GET', async () => {
    const { request, hint } = await signedIn()
    const response = await request('/end-session', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `id_token_hint=${hint}`,
    })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe(`/end-session?id_token_hint=${hint}`)
  })
})

test('signing out ends the refresh tokens of the session', async () => {
  const { token, tokens, end, hint } = await signedIn()
  const refresh = () => token('shop', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
  await end({ id_token_hint: hint })
  await expect(refresh()).rejects.toMatchObject({ code: 'invalid_grant' })
})

test('OIDC Core §11: what was granted offline outlives the session', async () => {
  const { token, tokens, end, hint } = await signedIn(authorize.replace('scope=openid', 'scope=openid+offline_access'))
  await end({ id_token_hint: hint })
  const again = await token('shop', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
  expect(again.access_token).toBeTruthy()
})

test('signing out after signing in anew ends what the same person was given before', async () => {
  const { person, token, tokens, end, hint } = await signedIn()
  const page = await person.open(`${authorize}&prompt=login`)
  await person.post(`${page.path}/sign-in`, { username: 'alice' })
  await end({ id_token_hint: hint })
  const refresh = token('shop', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
  await expect(refresh).rejects.toMatchObject({ code: 'invalid_grant' })
})

function alter(jwt: string, change: (claims: object) => object): string {
  const [header, payload = '', signature] = jwt.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return [header, Buffer.from(JSON.stringify(change(claims))).toString('base64url'), signature].join('.')
}
