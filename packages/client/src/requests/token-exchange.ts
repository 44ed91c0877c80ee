import type { TokenSet } from '../token-set.ts'
import { insist } from './answer.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { requestTokens } from './token-request.ts'

const typePrefix = 'urn:ietf:params:oauth:token-type:'
const issuable: readonly unknown[] = [`${typePrefix}access_token`, `${typePrefix}jwt`]

export interface TokenExchangeOptions {
  /** The access token of whoever the new one is about. */
  readonly subjectToken: string
  /** The access token of whoever acts for them: the new token then names both. @spec RFC 8693 §1.1 */
  readonly actorToken?: string
  /** The API that the new token is for. @spec RFC 8707 §2 */
  readonly resource?: string
  /** Space-separated. */
  readonly scope?: string
}

/**
 * One access token for another, for another API in the same person's name.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, or `unreachable` (retryable).
 * @spec RFC 8693 §2
 */
export function exchangeToken(connection: ProviderConnection, options: TokenExchangeOptions): Promise<TokenSet> {
  const { subjectToken, actorToken, resource, scope } = options
  return requestTokens(connection, {
    parameters: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subjectToken,
      subject_token_type: `${typePrefix}access_token`,
      actor_token: actorToken,
      actor_token_type: actorToken && `${typePrefix}access_token`,
      resource,
      scope,
    },
    // @spec RFC 8693 §2.2.1
    check: ({ issued_token_type: issued }) =>
      insist('response_invalid', connection.issuer, {
        'issued_token_type is no access token': issuable.includes(issued),
      }),
  })
}
