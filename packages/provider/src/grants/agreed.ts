import type { Form } from '@latchkey/protocol'
import type { AuthenticatedClient } from '../client-auth/client-auth-method.ts'
import type { Parts } from '../parts.ts'
import type { Grounds } from '../store/store.ts'
import { targetResource } from '../tokens/target-resource.ts'
import { tokenDetails } from '../tokens/token-details.ts'
import { tokenScope } from '../tokens/token-scope.ts'
import type { Authorization } from './grant.ts'
import { findPerson } from './person.ts'

interface Asking {
  readonly client: AuthenticatedClient
  readonly form: Form
  readonly grounds: Grounds
  /** What this request asks for of the scope that was granted. */
  readonly scope: readonly string[]
}

/**
 * What a person agreed to earlier, as far as this request asks for it.
 * @throws OAuthError `invalid_target`, `invalid_authorization_details`, or `invalid_grant` where the person is gone
 * @spec RFC 8707 §2.2; RFC 9396 §6
 */
export async function agreed(
  parts: Parts,
  { client, form, grounds, scope }: Asking,
): Promise<Omit<Authorization, 'nonce' | 'proof'>> {
  const { resources, claimsOfScopes, authorizationDetailsTypes, accounts } = parts
  const resource = targetResource(form, client, { authorized: grounds.resources, resources })
  const granted = grounds.authorizationDetails ?? []
  return {
    client,
    grounds,
    scope: tokenScope(scope, client, { resource, claimsOfScopes }),
    resource,
    authorizationDetails: tokenDetails(authorizationDetailsTypes, form, { client, granted }),
    account: await findPerson(accounts, grounds.sub),
  }
}
