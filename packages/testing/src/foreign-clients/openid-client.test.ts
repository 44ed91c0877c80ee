import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestBrowser, type ServedProvider, secret, servedProvider, webClient } from './served-provider.ts'

const app = 'https://app.example.com'
let provider: ServedProvider
let config: oidc.Configuration

beforeAll(async () => {
  provider = await servedProvider(() => [
    webClient(app, {
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
      response_types: ['code', 'code id_token'],
    }),
  ])
  config = await oidc.discovery(new URL(provider.issuer), 'foreign', secret, oidc.ClientSecretBasic(secret), {
    execute: [oidc.allowInsecureRequests],
  })
})
afterAll(() => provider.close())

async function request() {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const checks = { pkceCodeVerifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() }
  const parameters = {
    redirect_uri: `${app}/callback`,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  }
  return { checks, parameters }
}

test('openid-client: sign-in with PKCE, userinfo, refresh, introspection, revocation and sign-out (OIDC Core §3.1)', async () => {
  const browser = createTestBrowser()
  const { checks, parameters } = await request()
  const begin = oidc.buildAuthorizationUrl(config, parameters)
  const callback = await provider.walk(browser, begin.href, `${app}/callback`)
  const tokens = await oidc.authorizationCodeGrant(config, callback, checks)
  expect(tokens.claims()).toMatchObject({ iss: provider.issuer, sub: 'alice-1' })
  expect(await oidc.fetchUserInfo(config, tokens.access_token, 'alice-1')).toMatchObject({ name: 'Alice Doe' })
  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
  expect(renewed.refresh_token).not.toBe(tokens.refresh_token)
  expect(await oidc.tokenIntrospection(config, renewed.access_token)).toMatchObject({ active: true, sub: 'alice-1' })
  await oidc.tokenRevocation(config, renewed.refresh_token ?? '')
  expect(await oidc.tokenIntrospection(config, renewed.access_token)).toMatchObject({ active: false })
  const end = oidc.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: `${app}/`,
    state: 'bye',
  })
  const left = await browser.open(end.href, { stopAt: (url) => url.startsWith(app) })
  expect(left.url).toBe(`${app}/?state=bye`)
  const silent = await request()
  const asked = oidc.buildAuthorizationUrl(config, { ...silent.parameters, prompt: 'none' })
  const refused = await browser.open(asked.href, { stopAt: (url) => url.startsWith(app) })
  expect(new URL(refused.url).searchParams.get('error')).toBe('login_required')
})

test('openid-client: a pushed request (RFC 9126 §2)', async () => {
  const { checks, parameters } = await request()
  const begin = await oidc.buildAuthorizationUrlWithPAR(config, parameters)
  expect([...begin.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
  const callback = await provider.walk(createTestBrowser(), begin.href, `${app}/callback`)
  expect((await oidc.authorizationCodeGrant(config, callback, checks)).claims()?.sub).toBe('alice-1')
})

test('openid-client: a signed answer (JARM §2.3)', async () => {
  const signed = await oidc.discovery(new URL(provider.issuer), 'foreign', secret, oidc.ClientSecretBasic(secret), {
    execute: [oidc.allowInsecureRequests, oidc.useJwtResponseMode],
  })
  const { checks, parameters } = await request()
  const begin = oidc.buildAuthorizationUrl(signed, parameters)
  expect(begin.searchParams.get('response_mode')).toBe('jwt')
  const callback = await provider.walk(createTestBrowser(), begin.href, `${app}/callback`)
  expect([...callback.searchParams.keys()]).toEqual(['response'])
  const tokens = await oidc.authorizationCodeGrant(signed, callback, checks)
  expect(tokens.claims()?.sub).toBe('alice-1')
})

test('openid-client: a code with an ID token beside it, checked by its hashes (OIDC Core §3.3.2.11)', async () => {
  const hybrid = await oidc.discovery(new URL(provider.issuer), 'foreign', secret, oidc.ClientSecretBasic(secret), {
    execute: [oidc.allowInsecureRequests, oidc.useCodeIdTokenResponseType],
  })
  const { checks, parameters } = await request()
  const begin = oidc.buildAuthorizationUrl(hybrid, parameters)
  const callback = await provider.walk(createTestBrowser(), begin.href, `${app}/callback`)
  expect(callback.hash).toContain('id_token=')
  const tokens = await oidc.authorizationCodeGrant(hybrid, callback, checks)
  expect(tokens.claims()?.sub).toBe('alice-1')
})
