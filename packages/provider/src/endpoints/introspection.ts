import {
  contentEncryptionAlgs,
  type Form,
  type IntrospectionResponse,
  keyManagementAlgs,
  OAuthError,
} from '@latchkey/protocol'
import { addedClaims } from '../claims/claim-hooks.ts'
import { authenticateClient } from '../client-auth/authenticate-client.ts'
import type { AuthenticatedClient } from '../client-auth/client-auth-method.ts'
import { assertionAlgs, confidentialAuthMethods } from '../client-auth/index.ts'
import { encryptResponse } from '../encryption/encrypt-response.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { json, jwt } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { algsUnder } from '../profiles/profile.ts'
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
      introspection_signing_alg_values_supported: algsUnder(parts.profile),
      introspection_encryption_alg_values_supported: keyManagementAlgs,
      introspection_encryption_enc_values_supported: contentEncryptionAlgs,
      introspection_endpoint_auth_methods_supported: confidentialAuthMethods(parts),
      introspection_endpoint_auth_signing_alg_values_supported: assertionAlgs(parts),
    }),
    async handle(asked) {
      const form = await readForm(asked.request)
      const client = await authenticateClient(parts, { request: asked.request, form })
      if (client.metadata.token_endpoint_auth_method === 'none') {
        throw new OAuthError('invalid_client', 'introspection needs a client that authenticates')
      }
      const answer = await introspect(parts, form, client)
      return wantsJwt(asked.request) ? signedAnswer(parts, asked, { answer, client }) : json(asked, answer)
    },
  }
}

async function introspect(parts: Parts, form: Form, client: AuthenticatedClient): Promise<IntrospectionResponse> {
  const presented = form.require('token')
  const access = await findAccessToken(parts, presented)
  if (access !== null) return mayLearn(access, client) ? describe(parts, access) : inactive
  const refresh = await findRefreshToken(parts, presented, { rotated: false })
  if (refresh === null || !isOwn(refresh, client)) return inactive
  const { token_type: _, ...description } = await describe(parts, refresh)
  return description
}

/** Its own client, or a client that stands for the API it was made for. @spec RFC 7662 §4 */
function mayLearn(token: PresentedToken, client: AuthenticatedClient): boolean {
  if (isOwn(token, client)) return true
  return token.resources.some((resource) => client.metadata.resources.includes(resource))
}

function isOwn(token: PresentedToken, client: AuthenticatedClient): boolean {
  return token.clientId === client.metadata.client_id
}

async function describe(parts: Parts, token: PresentedToken): Promise<IntrospectionResponse> {
  const { audience, sub, scope } = token
  const { authorizationDetails, authTime, acr, amr } = token.origin
  const client = await parts.clients.find(token.clientId)
  if (client === null) return inactive
  const { metadata } = client
  const about = { sub, client: metadata, scope, resource: token.resources[0] ?? null, accountClaims: {} }
  return {
    ...addedClaims(parts.shape.introspection, () => about),
    active: true,
    iss: parts.issuer,
    sub: parts.subjects.of(metadata, sub),
    client_id: token.clientId,
    token_type: token.cnf?.jkt === undefined ? 'Bearer' : 'DPoP',
    iat: token.issuedAt,
    exp: token.expiresAt,
    ...(token.scope.length === 0 ? {} : { scope: token.scope.join(' ') }),
    ...(audience.length === 0 ? {} : { aud: audience.length === 1 ? audience.join() : audience }),
    ...(token.jti === undefined ? {} : { jti: token.jti }),
    // @spec RFC 9470 §6.2
    ...(authTime === null ? {} : { auth_time: authTime }),
    ...(acr === null ? {} : { acr }),
    ...(amr.length === 0 ? {} : { amr }),
    // @spec RFC 9449 §6.2; RFC 8705 §3.2
    ...(token.cnf === null ? {} : { cnf: token.cnf }),
    // @spec RFC 8693 §4.1
    ...(token.origin.act === undefined ? {} : { act: token.origin.act }),
    // @spec RFC 9396 §9.2
    ...(authorizationDetails === undefined ? {} : { authorization_details: authorizationDetails }),
  }
}

const jwtType = 'token-introspection+jwt'

/** @spec RFC 9701 §4 */
function wantsJwt(request: Request): boolean {
  return (request.headers.get('accept') ?? '').toLowerCase().includes(`application/${jwtType}`)
}

/** Signed for the caller alone; the description stands in a member of its own, so that it is no access token. @spec RFC 9701 §5 */
async function signedAnswer(
  parts: Parts,
  asked: EndpointRequest,
  { answer, client: { metadata } }: { answer: IntrospectionResponse; client: AuthenticatedClient },
): Promise<Response> {
  const alg = metadata.introspection_signed_response_alg
  await parts.keys.ensure(alg)
  const iat = Math.floor(parts.runtime.now())
  const claims = { iss: parts.issuer, aud: metadata.client_id, iat, token_introspection: answer }
  const content = parts.keys.sign(alg, claims, { typ: jwtType })
  const body = await encryptResponse(parts, metadata, { what: 'introspection', content, nested: true })
  return jwt(asked, body, { type: `application/${jwtType}` })
}
