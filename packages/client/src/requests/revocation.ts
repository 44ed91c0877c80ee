import * as oauth from 'oauth4webapi'
import { peerError } from './peer-error.ts'
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
  const server = await connection.metadata()
  if (server.revocation_endpoint === undefined) return false
  try {
    const response = await oauth.revocationRequest(server, connection.client(), connection.authentication, token, {
      ...connection.request(),
      additionalParameters: { token_type_hint: kind },
    })
    await oauth.processRevocationResponse(response)
    return true
  } catch (error) {
    throw peerError(error, 'response_invalid', 'the token could not be revoked')
  }
}
