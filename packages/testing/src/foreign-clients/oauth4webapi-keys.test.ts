import type { ClientMetadata } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import * as oauth from 'oauth4webapi'
import { afterEach, expect, test } from 'vitest'
import { type Listening, listen } from '../listen.ts'
import { client } from '../test-clients.ts'
import { testProvider } from '../test-provider.ts'
import { testRuntime } from '../test-runtime.ts'

let server: Listening | undefined
afterEach(async () => {
  await server?.close()
})

const insecure = { [oauth.allowInsecureRequests]: true }

/** A provider behind real HTTP whose one client signs with `pair`. */
async function running(pair: CryptoKeyPair, requireDpopNonces: boolean, metadata: Partial<ClientMetadata> = {}) {
  let answer: (request: Request) => Promise<Response> = () => Promise.reject(new Error('not ready'))
  server = await listen((request) => answer(request))
  const jwk = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'the-key' }
  const registered = client({
    client_id: 'independent',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [jwk as Record<string, unknown>] },
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://app.example.com/cb'],
    dpop_bound_access_tokens: true,
    ...metadata,
  })
  const runtime = testRuntime({ now: systemRuntime.now() })
  const kit = await testProvider({ issuer: server.origin, runtime, requireDpopNonces, moreClients: [registered] })
  answer = kit.provider.fetch
  const issuer = new URL(server.origin)
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  const me: oauth.Client = { client_id: 'independent' }
  return { ...kit, as, me }
}

test.each([false, true])(
  'RFC 9449, RFC 7523: oauth4webapi signs in, reads userinfo and refreshes with DPoP and private_key_jwt; nonces required: %s',
  async (requireDpopNonces) => {
    const pair = await oauth.generateKeyPair('ES256', { extractable: true })
    const { as, me, code } = await running(pair, requireDpopNonces)
    const issued = await code({ client: 'independent' })
    const auth = oauth.PrivateKeyJwt({ key: pair.privateKey, kid: 'the-key' })
    const DPoP = oauth.DPoP(me, await oauth.generateKeyPair('ES256'))
    const parameters = oauth.validateAuthResponse(as, me, new URLSearchParams({ code: issued.code, iss: as.issuer }))
    const options = { DPoP, ...insecure }
    const redeem = () =>
      oauth.authorizationCodeGrantRequest(as, me, auth, parameters, issued.redirectUri, issued.verifier, options)
    const tokens = await again(redeem, (response) => oauth.processAuthorizationCodeResponse(as, me, response))
    expect(tokens.token_type).toBe('dpop')
    const sub = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? ''
    const info = await again(
      () => oauth.userInfoRequest(as, me, tokens.access_token, options),
      (response) => oauth.processUserInfoResponse(as, me, sub, response),
    )
    expect(info.sub).toBe(sub)
    const renewed = await again(
      () => oauth.refreshTokenGrantRequest(as, me, auth, tokens.refresh_token ?? '', options),
      (response) => oauth.processRefreshTokenResponse(as, me, response),
    )
    expect(renewed.token_type).toBe('dpop')
    expect(renewed.access_token).not.toBe(tokens.access_token)
  },
)

test('OIDC Core §9: oauth4webapi proves a client with client_secret_jwt', async () => {
  const pair = await oauth.generateKeyPair('ES256', { extractable: true })
  const secret = 'a secret of at least thirty-two bytes'
  const { as, me } = await running(pair, false, {
    token_endpoint_auth_method: 'client_secret_jwt',
    client_secret: secret,
    grant_types: ['client_credentials'],
    dpop_bound_access_tokens: false,
    scope: 'jobs:run',
  })
  const auth = oauth.ClientSecretJwt(secret)
  const response = await oauth.clientCredentialsGrantRequest(as, me, auth, new URLSearchParams(), insecure)
  expect((await oauth.processClientCredentialsResponse(as, me, response)).token_type).toBe('bearer')
})

/** Asks once more when the answer brought a nonce to use. */
async function again<T>(ask: () => Promise<Response>, read: (response: Response) => Promise<T>): Promise<T> {
  try {
    return await read(await ask())
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return read(await ask())
  }
}
