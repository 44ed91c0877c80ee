import { type IdTokenClaims, ProtocolError } from '@latchkey/protocol'
import type { TokenSet } from '../token-set.ts'
import { askProvider } from './ask-provider.ts'
import { readIdToken } from './id-token.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { refuseUnbound } from './token-request.ts'
import { type TokenAnswer, tokenAnswer, tokenSet } from './token-set-of.ts'

const failure = 'the tokens could not be renewed'

/**
 * Renews a token set. A renewed ID token must name the same person.
 * @throws ProtocolError `refresh_rejected` for `invalid_grant` alone or without a refresh token, `unreachable`
 * (retryable) for network failures, 5xx and 429.
 * @spec RFC 6749 §6; OIDC Core §12
 */
export async function refreshTokens(
  connection: ProviderConnection,
  tokens: TokenSet,
  options: { readonly resource?: string | undefined; readonly scope?: string | undefined } = {},
): Promise<TokenSet> {
  if (tokens.refreshToken === null) {
    throw new ProtocolError('refresh_rejected', 'there is no refresh token: sign in again')
  }
  const { resource, scope } = options
  const answer = tokenAnswer(
    await askProvider(connection, {
      endpoint: 'token_endpoint',
      parameters: { grant_type: 'refresh_token', refresh_token: tokens.refreshToken, resource, scope },
      failure,
      refused: (error) => (error === 'invalid_grant' ? 'refresh_rejected' : 'response_invalid'),
    }),
    failure,
  )
  refuseUnbound(connection, answer, failure)
  return tokenSet(answer, {
    now: connection.runtime.now(),
    claims: await renewedClaims(connection, answer, tokens.claims),
    before: tokens,
  })
}

/**
 * Where the provider's keys cannot be had for now, the ID token of before stays; the new refresh token is not thrown away
 * for that. @spec OIDC Core §12.2
 */
async function renewedClaims(
  connection: ProviderConnection,
  answer: TokenAnswer,
  before: IdTokenClaims | null,
): Promise<IdTokenClaims | null> {
  if (answer.id_token === undefined) return null
  try {
    return await readIdToken(connection, answer.id_token, { accessToken: answer.access_token, before })
  } catch (error) {
    if (error instanceof ProtocolError && error.retryable && before !== null) return null
    throw error
  }
}
