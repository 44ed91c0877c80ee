import { ProtocolError } from '@latchkey/protocol'
import * as oauth from 'oauth4webapi'
import type { TokenSet } from '../token-set.ts'
import { peerError } from './peer-error.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { tokenSet } from './token-set-of.ts'

/**
 * Renews a token set. A renewed ID token must name the same person.
 * @throws ProtocolError `refresh_rejected` for `invalid_grant` alone, `not_signed_in` without a refresh token,
 * `unreachable` (retryable) for network failures, 5xx and 429.
 * @spec RFC 6749 §6; OIDC Core §12
 */
export async function refreshTokens(
  connection: ProviderConnection,
  tokens: TokenSet,
  options: { readonly resource?: string; readonly scope?: string } = {},
): Promise<TokenSet> {
  if (tokens.refreshToken === null) {
    throw new ProtocolError('refresh_rejected', 'there is no refresh token: sign in again')
  }
  const server = await connection.metadata()
  const client = connection.client()
  try {
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      connection.authentication,
      tokens.refreshToken,
      {
        ...connection.request(),
        additionalParameters: parameters(options),
      },
    )
    const result = await oauth.processRefreshTokenResponse(server, client, response)
    return tokenSet(result, { now: connection.runtime.now(), before: tokens })
  } catch (error) {
    const rejected = error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant'
    throw peerError(error, rejected ? 'refresh_rejected' : 'response_invalid', 'the tokens could not be renewed')
  }
}

/** What narrows a renewal; whatever is undefined is left out. @spec RFC 8707 §2.2; RFC 6749 §6 */
function parameters(options: { readonly resource?: string; readonly scope?: string }): Record<string, string> {
  const { resource, scope } = options
  return { ...(resource === undefined ? {} : { resource }), ...(scope === undefined ? {} : { scope }) }
}
