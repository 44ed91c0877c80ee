import type { TokenSet } from '../token-set.ts'
import { insist } from './answer.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { requestTokens } from './token-request.ts'

/**
 * Renews a token set. A renewed ID token must name the same person; where the provider's keys cannot be had for now, the one
 * of before stays, and the new refresh token is not thrown away for that.
 * @throws ProtocolError `refresh_rejected` for `invalid_grant` alone or without a refresh token, `unreachable`
 * (retryable) for network failures, 5xx and 429.
 * @spec RFC 6749 §6; OIDC Core §12
 */
export async function refreshTokens(
  connection: ProviderConnection,
  before: TokenSet,
  { resource, scope }: { readonly resource?: string | undefined; readonly scope?: string | undefined } = {},
): Promise<TokenSet> {
  insist('refresh_rejected', connection.issuer, { refresh_token: before.refreshToken })
  return requestTokens(connection, {
    parameters: { grant_type: 'refresh_token', refresh_token: before.refreshToken, resource, scope },
    refused: (error) => (error === 'invalid_grant' ? 'refresh_rejected' : 'response_invalid'),
    before,
  })
}
