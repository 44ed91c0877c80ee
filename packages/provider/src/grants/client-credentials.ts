import { OAuthError, parseScope } from '@latchkey/protocol'
import type { RegisteredClient, Resource } from '../config.ts'
import { namedResources, oneOf } from '../tokens/target-resource.ts'
import { ownDetails } from '../tokens/token-details.ts'
import { identityScopes, requireAllowed } from '../tokens/token-scope.ts'
import type { GrantFactory } from './grant.ts'
import { personlessGrounds } from './personless-grounds.ts'

/** A client acting for itself. @spec RFC 6749 §4.4 */
export const clientCredentials: GrantFactory = (parts) => ({
  type: 'client_credentials',
  authorize({ client, form }) {
    const resource = oneOf(namedResources(parts, form, client))
    const scope = grantedScope(parseScope(form.get('scope')), client, resource)
    const clientId = client.metadata.client_id
    const details = ownDetails(parts.authorizationDetailsTypes, form, client)
    return {
      client,
      grounds: personlessGrounds(parts.runtime, { clientId, sub: clientId, scope, resource }),
      authorizationDetails: details,
      scope,
      resource,
      account: null,
      nonce: null,
      proof: { kind: 'client' },
    }
  },
})

/** Asking for nothing gives all there is for a client alone; the answer says what that was. @spec RFC 6749 §3.3 */
function grantedScope(
  requested: readonly string[],
  client: RegisteredClient,
  resource: Resource | null,
): readonly string[] {
  const personal = requested.filter((value) => identityScopes.has(value))
  if (personal.length > 0) {
    throw new OAuthError('invalid_scope', `there is no person in this grant: leave out ${personal.join(' ')}`)
  }
  const allowed = (resource?.scopes ?? parseScope(client.metadata.scope)).filter((value) => !identityScopes.has(value))
  return requested.length === 0 ? allowed : requireAllowed(requested, allowed)
}
