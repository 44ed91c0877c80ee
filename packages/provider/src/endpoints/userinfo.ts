import { OAuthError } from '@latchkey/protocol'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { empty, json } from '../http/responses.ts'
import { bareChallenges } from '../http/token-challenge.ts'
import type { Parts } from '../parts.ts'
import { checkTokenSender } from '../sender-constraint/check-token-sender.ts'
import { nonceHeaders } from '../sender-constraint/dpop.ts'
import { findAccessToken } from '../tokens/presented-token.ts'
import { scopedClaims } from '../tokens/scoped-claims.ts'
import { readSentToken, type SentToken } from '../tokens/sent-token.ts'

/** @spec OIDC Core §5.3 */
export function userinfoEndpoint(parts: Parts): Endpoint {
  return {
    path: '/userinfo',
    methods: ['GET', 'POST'],
    cors: 'clients',
    audience: 'machine',
    bearer: { scope: 'openid' },
    metadata: (url) => ({ userinfo_endpoint: url }),
    async handle(asked) {
      const sent = await readSentToken(asked, parts.queryAccessTokens)
      if (sent === null) return empty(asked, 401, { 'www-authenticate': bareChallenges(parts.issuer) })
      const { sub, scope } = await acceptedToken(parts, asked, sent)
      const account = await parts.accounts.find(sub)
      if (account === null) throw new OAuthError('invalid_token', 'the account of this token no longer exists')
      return json(asked, { sub, ...scopedClaims(account, scope) }, { headers: nonceHeaders(parts) })
    },
  }
}

async function acceptedToken(
  parts: Parts,
  asked: EndpointRequest,
  sent: SentToken,
): Promise<{ sub: string; scope: readonly string[] }> {
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
