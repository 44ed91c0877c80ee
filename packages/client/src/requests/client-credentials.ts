import type { TokenSet } from '../token-set.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { requestToken } from './token-request.ts'

/**
 * A token for the client itself, nobody signed in.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, or `unreachable` (retryable).
 * @spec RFC 6749 §4.4
 */
export function clientCredentials(
  connection: ProviderConnection,
  { resource, scope }: { readonly resource?: string; readonly scope?: string } = {},
): Promise<TokenSet> {
  return requestToken(connection, {
    grantType: 'client_credentials',
    parameters: { resource, scope },
    failure: 'the client got no token of its own',
  })
}
