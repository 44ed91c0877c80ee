import { clientAssertionAlgs, type Form, type IntrospectionResponse, OAuthError } from '@latchkey/protocol'
import { authenticateClient } from '../client-auth/authenticate-client.ts'
import type { AuthenticatedClient } from '../client-auth/client-auth-method.ts'
import { confidentialAuthMethods } from '../client-auth/index.ts'
import type { Endpoint } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { findAccessToken, findRefreshToken, type PresentedToken } from '../tokens/presented-token.ts'

const inactive: IntrospectionResponse = { active: false }

/** @spec RFC 7662 §2 */
export function introspectionEndpoint(parts: Parts): Endpoint {
  return {
    path: '/introspect',
    methods: ['POST'],
    cors: 'none',
    audience: 'machine',
    metadata: (url) => ({
      introspection_endpoint: url,
      introspection_endpoint_auth_methods_supported: confidentialAuthMethods(parts),
      introspection_endpoint_auth_signing_alg_values_supported: clientAssertionAlgs,
    }),
    async handle(asked) {
      const form = await readForm(asked.request)
      const client = await authenticateClient(parts, { request: asked.request, form })
      if (client.metadata.token_endpoint_auth_method === 'none') {
        throw new OAuthError('invalid_client', 'introspection needs a client that authenticates')
      }
      return json(asked, await introspect(parts, form, client))
    },
  }
}

async function introspect(parts: Parts, form: Form, client: AuthenticatedClient): Promise<IntrospectionResponse> {
  const presented = form.require('token')
  const access = await findAccessToken(parts, presented)
  if (access !== null) return (await mayLearn(parts, access, client)) ? describe(parts, access) : inactive
  const refresh = await findRefreshToken(parts, presented, { rotated: false })
  if (refresh === null || !isOwn(refresh, client)) return inactive
  const { token_type: _, ...description } = describe(parts, refresh)
  return description
}

/** Its own client, or a client that stands for the API it was made for. @spec RFC 7662 §4 */
async function mayLearn(parts: Parts, token: PresentedToken, client: AuthenticatedClient): Promise<boolean> {
  if (isOwn(token, client)) return true
  const isItsApi = token.resources.some((resource) => client.metadata.resources.includes(resource))
  // The tokens of a client that was deleted end with it.
  return isItsApi && (await parts.clients.find(token.clientId)) !== null
}

function isOwn(token: PresentedToken, client: AuthenticatedClient): boolean {
  return token.clientId === client.metadata.client_id
}

function describe(parts: Parts, token: PresentedToken): IntrospectionResponse {
  const { audience } = token
  const { authorizationDetails } = token.origin
  return {
    active: true,
    iss: parts.issuer,
    sub: token.sub,
    client_id: token.clientId,
    token_type: token.cnf?.jkt === undefined ? 'Bearer' : 'DPoP',
    iat: token.issuedAt,
    exp: token.expiresAt,
    ...(token.scope.length === 0 ? {} : { scope: token.scope.join(' ') }),
    ...(audience.length === 0 ? {} : { aud: audience.length === 1 ? audience.join() : audience }),
    ...(token.jti === undefined ? {} : { jti: token.jti }),
    // @spec RFC 9449 §6.2; RFC 8705 §3.2
    ...(token.cnf === null ? {} : { cnf: token.cnf }),
    // @spec RFC 9396 §9.2
    ...(authorizationDetails === undefined ? {} : { authorization_details: authorizationDetails }),
  }
}
