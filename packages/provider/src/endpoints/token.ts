import { type Form, OAuthError, supportedResponseTypes } from '@latchkey/protocol'
import { authenticateClient } from '../client-auth/authenticate-client.ts'
import type { AuthenticatedClient } from '../client-auth/client-auth-method.ts'
import { assertionAlgs, supportedAuthMethods } from '../client-auth/index.ts'
import type { Authorization, Grant } from '../grants/grant.ts'
import { grantFactories } from '../grants/index.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { constrainSender, readSender } from '../sender-constraint/constrain-sender.ts'
import { nonceHeaders, proofAlgs } from '../sender-constraint/dpop.ts'
import { andThen, type Soon } from '../soon.ts'
import { issueTokens } from '../tokens/issue-tokens.ts'

/** For caches of HTTP/1.0, beside the `Cache-Control` of every answer. @spec RFC 6749 §5.1 */
const uncached = { pragma: 'no-cache' }

/** @spec RFC 6749 §3.2 */
export function tokenEndpoint(parts: Parts): Endpoint {
  const grants = grantsOf(parts)
  return {
    path: '/token',
    methods: ['POST'],
    cors: 'clients',
    audience: 'machine',
    refusal: 'token.refused',
    metadata: (url) => ({
      token_endpoint: url,
      grant_types_supported: [...grants.keys(), ...grantsElsewhere(parts)],
      token_endpoint_auth_methods_supported: supportedAuthMethods(parts),
      token_endpoint_auth_signing_alg_values_supported: assertionAlgs(parts),
      dpop_signing_alg_values_supported: proofAlgs(parts),
      // Ours alone: clients with several processes may repeat a renewal for so long.
      refresh_token_grace_seconds: parts.lifetimes.refresh_token_grace,
    }),
    async handle(asked) {
      const form = await readForm(asked.request)
      const decided = decide(parts, grants, { asked, form })
      const { authorization, grantType } = decided instanceof Promise ? await decided : decided
      const tokens = await issueTokens(parts, authorization, { requestId: asked.requestId, grantType })
      return json(asked, tokens, {
        headers: parts.requireDpopNonces ? { ...uncached, ...nonceHeaders(parts) } : uncached,
      })
    },
  }
}

interface Decided {
  readonly authorization: Authorization
  readonly grantType: string
}

/** What the request is granted; nothing is written yet, but for what may be used once. */
function decide(
  parts: Parts,
  grants: ReadonlyMap<string, Grant>,
  { asked, form }: { readonly asked: EndpointRequest; readonly form: Form },
): Soon<Decided> {
  // Judged before the client uses up an assertion: it may have to come again with a nonce.
  const sender = readSender(parts, asked)
  return andThen(authenticateClient(parts, { request: asked.request, form }), (client) => {
    const grant = pickGrant(grants, form, client)
    asked.about = { clientId: client.metadata.client_id, grantType: grant.type }
    const granted = grant.authorize({ client, form })
    const constrained = andThen(granted, (authorization) => constrainSender(parts, authorization, sender))
    return andThen(constrained, (authorization) => ({ authorization, grantType: grant.type }))
  })
}

function grantsOf(parts: Parts): ReadonlyMap<string, Grant> {
  const grants = grantFactories.map((factory) => factory(parts)).filter((grant) => grant !== null)
  return new Map(grants.map((grant) => [grant.type, grant]))
}

/** What the authorization endpoint grants by itself. @spec RFC 7591 §2.1; OIDC Discovery §3 */
function grantsElsewhere({ profile }: Parts): readonly string[] {
  return (profile.responseTypes ?? supportedResponseTypes).some((type) => type !== 'code') ? ['implicit'] : []
}

/** @spec RFC 6749 §5.2 */
function pickGrant(grants: ReadonlyMap<string, Grant>, form: Form, client: AuthenticatedClient): Grant {
  const grant = grants.get(form.require('grant_type'))
  if (grant === undefined) {
    throw new OAuthError('unsupported_grant_type', `grant_type must be one of ${[...grants.keys()].join(', ')}`)
  }
  if (!client.metadata.grant_types.includes(grant.type)) {
    throw new OAuthError('unauthorized_client', `this client is not registered for the grant ${grant.type}`)
  }
  return grant
}
