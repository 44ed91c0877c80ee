import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestBrowser, type ServedProvider, secret, servedProvider, webClient } from './served-provider.ts'

const redirectUri = 'https://app.example.com/callback'
const insecure = { [oauth.allowInsecureRequests]: true }
const client: oauth.Client = { client_id: 'foreign' }
const authentication = oauth.ClientSecretBasic(secret)
let provider: ServedProvider
let server: oauth.AuthorizationServer

beforeAll(async () => {
  provider = await servedProvider(() => [
    webClient('https://app.example.com', { require_pushed_authorization_requests: true }),
  ])
  const issuer = new URL(provider.issuer)
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
})
afterAll(() => provider.close())

test('oauth4webapi: a pushed request and tokens bound to a DPoP key, refreshed and used with it (RFC 9126 §2; RFC 9449 §5, §10.1)', async () => {
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const parameters = {
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  const options = { ...insecure, DPoP }
  const push = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, options)
  const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, push)
  const begin = `${server.authorization_endpoint}?${new URLSearchParams({ client_id: 'foreign', request_uri })}`
  const callback = await provider.walk(createTestBrowser(), begin, redirectUri)
  const answer = oauth.validateAuthResponse(server, client, callback, state)

  const asked = oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    answer,
    redirectUri,
    verifier,
    options,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, await asked)
  expect(tokens.token_type).toBe('dpop')
  expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).toBe('alice-1')

  const about = await oauth.userInfoRequest(server, client, tokens.access_token, options)
  expect(await oauth.processUserInfoResponse(server, client, 'alice-1', about)).toMatchObject({ name: 'Alice Doe' })
  const bearer = await fetch(String(server.userinfo_endpoint), {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  })
  expect(bearer.status).toBe(401)

  const refresh = tokens.refresh_token ?? ''
  const renewal = await oauth.refreshTokenGrantRequest(server, client, authentication, refresh, options)
  const renewed = await oauth.processRefreshTokenResponse(server, client, renewal)
  expect(renewed.token_type).toBe('dpop')
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, authentication, renewed.refresh_token ?? '', insecure),
  )
  const ended = await oauth.userInfoRequest(server, client, renewed.access_token, options)
  expect(ended.status).toBe(401)
})

test('oauth4webapi: a code pushed with a key is worth nothing without it (RFC 9449 §10)', async () => {
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const verifier = oauth.generateRandomCodeVerifier()
  const parameters = {
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  const options = { ...insecure, DPoP }
  const push = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, options)
  const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, push)
  const begin = `${server.authorization_endpoint}?${new URLSearchParams({ client_id: 'foreign', request_uri })}`
  const callback = await provider.walk(createTestBrowser(), begin, redirectUri)
  const answer = oauth.validateAuthResponse(server, client, callback)
  const other = { ...insecure, DPoP: oauth.DPoP(client, await oauth.generateKeyPair('ES256')) }
  const asked = oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    answer,
    redirectUri,
    verifier,
    other,
  )
  await expect(oauth.processAuthorizationCodeResponse(server, client, await asked)).rejects.toThrow()
})
