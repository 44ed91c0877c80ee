import { Form, formatChallenge, OAuthError, parseAuthorizationHeader } from '@latchkey/protocol'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { empty, json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { findAccessToken } from '../tokens/presented-token.ts'
import { scopedClaims } from '../tokens/scoped-claims.ts'

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
      const presented = await readAccessToken(asked, parts.queryAccessTokens)
      if (presented === null) {
        // @spec RFC 6750 §3.1: no error code where no token was sent
        return empty(asked, 401, { 'www-authenticate': formatChallenge('Bearer', { realm: parts.issuer }) })
      }
      const { sub, scope } = await acceptedToken(parts, presented)
      const account = await parts.accounts.find(sub)
      if (account === null) throw new OAuthError('invalid_token', 'the account of this token no longer exists')
      return json(asked, { sub, ...scopedClaims(account, scope) })
    },
  }
}

/**
 * The one token of the request, or null when there is none.
 * @throws OAuthError `invalid_request` when it comes in more than one way
 * @spec RFC 6750 §2
 */
async function readAccessToken({ request, query }: EndpointRequest, fromQuery: boolean): Promise<string | null> {
  const header = parseAuthorizationHeader(request.headers.get('authorization'))
  if (header.scheme === 'malformed') throw new OAuthError('invalid_request', 'the Authorization header is malformed')
  const found = header.scheme === 'bearer' ? [header.credentials] : []
  if (request.method === 'POST' && hasBody(request)) {
    const posted = (await readForm(request)).get('access_token')
    if (posted !== undefined) found.push(posted)
  }
  if (fromQuery && query !== '') {
    const asked = Form.parse(query).get('access_token')
    if (asked !== undefined) found.push(asked)
  }
  if (found.length > 1) throw new OAuthError('invalid_request', 'send the access token in one way only')
  return found[0] ?? null
}

/** A POST with the token in its header needs no body at all. */
function hasBody(request: Request): boolean {
  const length = request.headers.get('content-length')
  if (length !== null) return length !== '0'
  return request.headers.get('content-type') !== null
}

async function acceptedToken(parts: Parts, presented: string): Promise<{ sub: string; scope: readonly string[] }> {
  const token = await findAccessToken(parts, presented)
  if (token === null) throw new OAuthError('invalid_token', 'the access token is unknown, expired or revoked')
  if (!token.scope.includes('openid')) {
    throw new OAuthError('insufficient_scope', 'the access token does not carry the scope openid')
  }
  const { userinfo_endpoint: here = '' } = parts.metadata()
  if (token.audience.length > 0 && !token.audience.includes(here)) {
    throw new OAuthError('invalid_token', 'the access token is for another audience')
  }
  return token
}
