import { OAuthError, parseScope } from '@latchkey/protocol'
import type { RegisteredClient, Resource } from '../config.ts'
import { sha256 } from '../crypto.ts'
import { namedResources, oneOf } from '../tokens/target-resource.ts'
import { refuseDetails } from '../tokens/token-details.ts'
import { identityScopes, requireAllowed } from '../tokens/token-scope.ts'
import type { GrantFactory } from './grant.ts'
import { findAssertion } from './jwt-bearer/find-assertion.ts'
import type { TrustedIssuer } from './jwt-bearer/trusted-issuer.ts'
import { personlessGrounds } from './personless-grounds.ts'

/** An assertion of a trusted issuer about a person, for an access token that speaks for them. @spec RFC 7523 §2.1 */
export const jwtBearer: GrantFactory = (parts) =>
  parts.trustedIssuers.length === 0
    ? null
    : {
        type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        async authorize({ client, form }) {
          refuseDetails(form)
          const found = await findAssertion(parts, form.require('assertion'), client)
          // @spec RFC 7523 §3.1
          if ('problem' in found) throw new OAuthError('invalid_grant', found.problem, found)
          const { issuer, sub, jti, expiresAt, trusted } = found
          if (jti === null) throw new OAuthError('invalid_grant', 'jti of the assertion is missing')
          const resource = oneOf(namedResources(parts, form, client))
          const scope = grantedScope(parseScope(form.get('scope')), { client, resource, trusted })
          const clientId = client.metadata.client_id
          return {
            client,
            grounds: personlessGrounds(parts.runtime, { clientId, sub, scope, resource }),
            scope,
            resource,
            account: null,
            nonce: null,
            // @spec RFC 7523 §3: used once, at whichever node
            proof: {
              kind: 'token',
              once: { key: `jwt-bearer:${sha256(`${issuer}\n${jti}`)}`, expiresAt: Math.ceil(expiresAt) + 60 },
            },
          }
        },
      }

interface Limits {
  readonly client: RegisteredClient
  readonly resource: Resource | null
  readonly trusted: TrustedIssuer
}

/** Asking for nothing gives what the API offers within what the issuer may speak for. @spec RFC 6749 §3.3 */
function grantedScope(requested: readonly string[], { client, resource, trusted }: Limits): readonly string[] {
  const own = parseScope(client.metadata.scope).filter((value) => value !== 'offline_access')
  const limit = trusted.scope === undefined ? null : parseScope(trusted.scope)
  const may = [
    ...(resource?.scopes ?? []),
    ...(resource === null ? own : own.filter((value) => identityScopes.has(value))),
  ]
  const allowed = limit === null ? may : may.filter((value) => limit.includes(value))
  return requested.length === 0
    ? allowed.filter((value) => !identityScopes.has(value))
    : requireAllowed(requested, allowed)
}
