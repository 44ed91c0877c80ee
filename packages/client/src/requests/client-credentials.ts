import type { TokenSet } from '../token-set.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { requestTokens } from './token-request.ts'

/**
 * A token for the client itself, nobody signed in.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, or `unreachable` (retryable).
 * @spec RFC 6749 §4.4
 */
export function clientCredentials(
  connection: ProviderConnection,
  { resource, scope }: { readonly resource?: string; readonly scope?: string } = {},
): Promise<TokenSet> {
  return requestTokens(connection, {
    parameters: { grant_type: 'client_credentials', resource, scope },
  })
}
