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
  const { revocation_endpoint: url } = await connection.metadata()
  if (!url) return false
  // No token comes of it that could be bound.
  await askProvider(
    { ...connection, dpop: undefined },
    {
      url,
      parameters: new URLSearchParams({ token, token_type_hint: kind }),
      refused: () => 'response_invalid',
    },
  )
  return true
}
