import { contentEncryptionAlgs, keyManagementAlgs, OAuthError } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'
import { addedClaims } from '../claims/claim-hooks.ts'
import { personClaims } from '../claims/person-claims.ts'
import type { Claims } from '../claims/scope-claims.ts'
import type { RegisteredClient } from '../config.ts'
import { encryptResponse, wantsEncrypted } from '../encryption/encrypt-response.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { empty, json, jwt } from '../http/responses.ts'
import { bareChallenges } from '../http/token-challenge.ts'
import type { Parts } from '../parts.ts'
import { algsUnder } from '../profiles/profile.ts'
import { checkTokenSender } from '../sender-constraint/check-token-sender.ts'
import { nonceHeaders } from '../sender-constraint/dpop.ts'
import { findAccessToken, type PresentedToken } from '../tokens/presented-token.ts'
import { readSentToken, type SentToken } from '../tokens/sent-token.ts'

/** @spec OIDC Core §5.3 */
export function userinfoEndpoint(parts: Parts): Endpoint {
  return {
    path: '/userinfo',
    methods: ['GET', 'POST'],
    cors: 'clients',
    audience: 'machine',
    bearer: { scope: 'openid', algs: algsUnder(parts.profile) },
    metadata: (url) => ({
      userinfo_endpoint: url,
      userinfo_signing_alg_values_supported: algsUnder(parts.profile),
      userinfo_encryption_alg_values_supported: keyManagementAlgs,
      userinfo_encryption_enc_values_supported: contentEncryptionAlgs,
      claims_parameter_supported: true,
    }),
    async handle(asked) {
      const sent = await readSentToken(asked, parts.queryAccessTokens)
      if (sent === null)
        return empty(asked, 401, { 'www-authenticate': bareChallenges(parts.issuer, algsUnder(parts.profile)) })
      const token = await acceptedToken(parts, asked, sent)
      const account = await parts.accounts.find(token.sub)
      if (account === null) throw new OAuthError('invalid_token', 'the account of this token no longer exists')
      const client = await parts.clients.find(token.clientId)
      if (client === null) throw new OAuthError('invalid_token', 'the client of this token no longer exists')
      const claims = await describePerson(parts, { token, account, client })
      return sendClaims(parts, asked, { claims, client })
    },
  }
}

async function acceptedToken(parts: Parts, asked: EndpointRequest, sent: SentToken): Promise<PresentedToken> {
  const token = await findAccessToken(parts, sent.value)
  if (token === null) throw new OAuthError('invalid_token', 'the access token is unknown, expired or revoked')
  await checkTokenSender(parts, asked, { sent, token })
  if (!token.scope.includes('openid')) {
    throw new OAuthError('insufficient_scope', 'the access token does not carry the scope openid')
  }
  const { userinfo_endpoint: here = '' } = parts.metadata()
  if (token.audience.length > 0 && !token.audience.includes(here)) {
    throw new OAuthError('invalid_token', 'the access token is for another audience')
  }
  return token
}

/** Of its own, so that it is never taken for an ID token. @spec RFC 8725 §3.11 */
const jwtType = 'userinfo+jwt'

interface About {
  readonly token: PresentedToken
  readonly account: Account
  readonly client: RegisteredClient
}

/** @spec OIDC Core §5.3.2, §5.5 */
async function describePerson(parts: Parts, { token, account, client }: About): Promise<Claims> {
  const { sub, scope, origin, resources } = token
  const { metadata } = client
  const about = { sub, client: metadata, scope, resource: resources[0] ?? null, accountClaims: account.claims }
  const { claims: asked, claimsLocales: locales } = origin
  const requested = asked?.userinfo
  return {
    sub: parts.subjects.of(metadata, sub),
    ...addedClaims(parts.shape.userinfo, () => about),
    ...(await personClaims(parts.claimsOfScopes, account, { client: metadata, scope, requested, locales })),
  }
}

/** As JSON, or as the JWT that the client registered for: signed, encrypted, or one within the other. @spec OIDC Core §5.3.2 */
async function sendClaims(
  parts: Parts,
  asked: EndpointRequest,
  { claims, client: { metadata } }: { claims: Claims; client: RegisteredClient },
): Promise<Response> {
  const headers = nonceHeaders(parts)
  const alg = metadata.userinfo_signed_response_alg
  if (alg === undefined && !wantsEncrypted(metadata, 'userinfo')) return json(asked, claims, { headers })
  let content = JSON.stringify(claims)
  if (alg !== undefined) {
    await parts.keys.ensure(alg)
    content = parts.keys.sign(alg, { ...claims, iss: parts.issuer, aud: metadata.client_id }, { typ: jwtType })
  }
  const body = await encryptResponse(parts, metadata, { what: 'userinfo', content, nested: alg !== undefined })
  return jwt(asked, body, { type: 'application/jwt', headers })
}
