import type { Outbound } from '@latchkey/provider'
import * as oauth from 'oauth4webapi'
import { afterEach, describe, expect, test } from 'vitest'
import { newPerson } from '../person.ts'
import { client, testApi } from '../test-clients.ts'
import { type ServedProvider, servedProvider } from './served-provider.ts'

const redirectUri = 'https://app.example.com/cb'
const insecure = { [oauth.allowInsecureRequests]: true }
const opened: ServedProvider[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function discover(provider: ServedProvider) {
  opened.push(provider)
  const issuer = new URL(provider.issuer)
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
}

/** Signs alice in, allows, and returns the answer that the application gets. */
async function allow(provider: ServedProvider, address: string): Promise<URL> {
  const person = newPerson(provider.provider)
  const url = new URL(address)
  const page = await person.open(url.pathname + url.search)
  const asked = page.leftTo === null ? await person.post(`${page.path}/sign-in`, { username: 'alice' }) : page
  const { leftTo } = asked.leftTo === null ? await person.submit(asked, { decision: 'allow' }) : asked
  if (leftTo === null) throw new Error('the person did not come back to the application')
  return leftTo
}

async function pkce() {
  const verifier = oauth.generateRandomCodeVerifier()
  const code_challenge = await oauth.calculatePKCECodeChallenge(verifier)
  return { verifier, challenge: { code_challenge, code_challenge_method: 'S256' } }
}

describe('profile fapi2', () => {
  async function bank(alg: 'PS256' | 'ES256' | 'RS256') {
    const pair = await oauth.generateKeyPair(alg, { extractable: true })
    const jwk = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'k', alg }
    const registered = client({
      client_id: 'bank',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk as Record<string, unknown>] },
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [redirectUri],
    })
    const provider = await servedProvider(() => [registered], { profile: 'fapi2' })
    const as = await discover(provider)
    const me: oauth.Client = { client_id: 'bank', id_token_signed_response_alg: 'PS256' }
    // For the issuer alone, as the profile wants it.
    const auth = oauth.PrivateKeyJwt({ key: pair.privateKey, kid: 'k' })
    return { provider, as, me, auth }
  }

  test.each(['PS256', 'ES256'] as const)(
    'FAPI 2.0 §5.3.2: oauth4webapi pushes, signs in, calls and refreshes with private_key_jwt (%s) and DPoP',
    async (alg) => {
      const { provider, as, me, auth } = await bank(alg)
      const options = { DPoP: oauth.DPoP(me, await oauth.generateKeyPair('ES256')), ...insecure }
      const { verifier, challenge } = await pkce()
      const state = oauth.generateRandomState()
      const asked = { response_type: 'code', redirect_uri: redirectUri, scope: 'openid profile', state, ...challenge }
      const push = await oauth.pushedAuthorizationRequest(as, me, auth, asked, options)
      const { request_uri, expires_in } = await oauth.processPushedAuthorizationResponse(as, me, push)
      expect(expires_in).toBeLessThan(600)
      const begin = `${as.authorization_endpoint}?${new URLSearchParams({ client_id: 'bank', request_uri })}`
      // oauth4webapi refuses an answer whose iss is missing or another. @spec RFC 9207 §2.4
      const answer = oauth.validateAuthResponse(as, me, await allow(provider, begin), state)
      const request = await oauth.authorizationCodeGrantRequest(as, me, auth, answer, redirectUri, verifier, options)
      const tokens = await oauth.processAuthorizationCodeResponse(as, me, request, { requireIdToken: true })
      expect(tokens.token_type).toBe('dpop')
      expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).toBe('alice-1')
      const info = await oauth.userInfoRequest(as, me, tokens.access_token, options)
      expect((await oauth.processUserInfoResponse(as, me, 'alice-1', info)).sub).toBe('alice-1')
      const refresh = tokens.refresh_token ?? ''
      const renewal = await oauth.refreshTokenGrantRequest(as, me, auth, refresh, options)
      const renewed = await oauth.processRefreshTokenResponse(as, me, renewal)
      expect(renewed.token_type).toBe('dpop')
      // @spec FAPI 2.0 Security Profile §5.3.2.1: refresh tokens are not rotated
      expect(renewed.refresh_token ?? refresh).toBe(refresh)
    },
  )

  test('FAPI 2.0 §5.4.1: an assertion signed with RS256 is refused', async () => {
    const { as, me, auth } = await bank('RS256')
    const { challenge } = await pkce()
    const asked = { response_type: 'code', redirect_uri: redirectUri, scope: 'openid', ...challenge }
    const push = await oauth.pushedAuthorizationRequest(as, me, auth, asked, insecure)
    await expect(oauth.processPushedAuthorizationResponse(as, me, push)).rejects.toMatchObject({
      error: 'invalid_client',
      status: 401,
    })
  })

  test('FAPI 2.0 §5.3.2, §5.4.1: discovery names nothing that the profile refuses', async () => {
    const { provider, as } = await bank('ES256')
    const strong = ['PS256', 'ES256', 'EdDSA']
    const lists = Object.entries(as).filter(([name]) => name.endsWith('_signing_alg_values_supported'))
    for (const [name, algs] of lists) expect(strong, name).toEqual(expect.arrayContaining(algs as string[]))
    for (const what of ['id_token', 'token_endpoint_auth', 'request_object', 'userinfo', 'authorization'])
      expect(as[`${what}_signing_alg_values_supported`], what).toEqual(strong)
    expect(as.introspection_signing_alg_values_supported).toEqual(strong)
    expect(as).toMatchObject({
      dpop_signing_alg_values_supported: strong,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      response_types_supported: ['code'],
      require_pushed_authorization_requests: true,
    })
    expect(as.grant_types_supported).not.toContain('implicit')
    const signed = (await (await fetch(`${provider.issuer}/.well-known/openid-configuration`)).json()).signed_metadata
    expect(JSON.parse(atob(signed.split('.')[0]))).toMatchObject({ alg: 'PS256' })
  })
})

describe('profile mcp', () => {
  const address = 'https://app.example.com/oauth/client.json'
  const document = {
    client_id: address,
    client_name: 'Acme Agent',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  }
  /** The internet, as far as this test goes. */
  const outbound: Outbound = {
    send: async () => ({ status: 200, headers: {}, body: JSON.stringify(document) }),
  }
  const machine = client({
    client_id: 'machine',
    client_secret: 'machine-secret-machine-secret',
    grant_types: ['client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'],
  })
  async function mcp() {
    const provider = await servedProvider(() => [machine], { profile: 'mcp', outbound })
    return { provider, as: await discover(provider), me: { client_id: address } as oauth.Client }
  }

  test('Client ID Metadata Document §3; RFC 8707 §2: oauth4webapi signs in as a document for one API, and refreshes', async () => {
    const { provider, as, me } = await mcp()
    expect(as.client_id_metadata_document_supported).toBe(true)
    const { verifier, challenge } = await pkce()
    const asked = { client_id: address, response_type: 'code', redirect_uri: redirectUri, ...challenge }
    const begin = `${as.authorization_endpoint}?${new URLSearchParams({ ...asked, scope: 'read:messages', resource: testApi })}`
    const answer = oauth.validateAuthResponse(as, me, await allow(provider, begin))
    const none = oauth.None()
    const options = { additionalParameters: { resource: testApi }, ...insecure }
    const request = await oauth.authorizationCodeGrantRequest(as, me, none, answer, redirectUri, verifier, options)
    const tokens = await oauth.processAuthorizationCodeResponse(as, me, request)
    const claims = JSON.parse(atob((tokens.access_token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))
    expect(claims).toMatchObject({ aud: testApi, client_id: address, scope: 'read:messages', sub: 'alice-1' })
    const renewal = await oauth.refreshTokenGrantRequest(as, me, none, tokens.refresh_token ?? '', insecure)
    const renewed = await oauth.processRefreshTokenResponse(as, me, renewal)
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token)
  })

  test('RFC 8707 §2: no grant begins without naming the API: authorization, machines and devices alike', async () => {
    const { provider } = await mcp()
    const { challenge } = await pkce()
    const asked = { client_id: address, response_type: 'code', redirect_uri: redirectUri, ...challenge }
    const person = newPerson(provider.provider)
    const { leftTo } = await person.open(`/authorize?${new URLSearchParams(asked)}`)
    expect(leftTo?.searchParams.get('error')).toBe('invalid_target')
    const tokens = (form: Record<string, string>) => provider.post('/token', 'machine', form)
    const without = await tokens({ grant_type: 'client_credentials' })
    expect([without.status, (await without.json()).error]).toEqual([400, 'invalid_target'])
    expect((await tokens({ grant_type: 'client_credentials', resource: testApi })).status).toBe(200)
    const device = await provider.post('/device_authorization', 'machine', { scope: 'read:messages' })
    expect([device.status, (await device.json()).error]).toEqual([400, 'invalid_target'])
  })
})
