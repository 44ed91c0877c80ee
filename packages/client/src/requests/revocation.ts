import { askProvider } from './ask-provider.ts'
import type { ProviderConnection } from './provider-connection.ts'

/**
 * Takes a token back at the provider; false when the provider offers no revocation.
 * @throws ProtocolError `unreachable` (retryable) or `response_invalid`.
 * @spec RFC 7009 §2.1
 */
export async function revokeToken(
  connection: ProviderConnection,
  token: string,
  kind: 'access_token' | 'refresh_token',
): Promise<boolean> {
  if ((await connection.metadata()).revocation_endpoint === undefined) return false
  await askProvider(connection, {
    endpoint: 'revocation_endpoint',
    parameters: { token, token_type_hint: kind },
    failure: 'the token could not be revoked',
    bound: false,
  })
  return true
}
