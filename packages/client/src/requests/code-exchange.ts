import { ProtocolError } from '@latchkey/protocol'
import type { TokenSet } from '../token-set.ts'
import { insist } from './answer.ts'
import type { LoginTransaction } from './authorization.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { requestTokens } from './token-request.ts'

export interface CodeExchangeOptions {
  /** The parameters with which the provider sent the person back. */
  readonly callback: URLSearchParams
  readonly transaction: LoginTransaction
  /** @spec RFC 8707 §2.2 */
  readonly resource?: string | undefined
}

/**
 * Redeems the code of an authorization response, after `state` and `iss` were checked, and validates the ID token
 * before anything is kept.
 * @throws ProtocolError `authorization_failed` with the provider's `error`; `state_mismatch`, `issuer_mismatch`,
 * `id_token_invalid`, `authentication_insufficient`; `unreachable` (retryable).
 * @spec RFC 6749 §4.1.2, §4.1.3, §10.12; RFC 9207 §2.4; OIDC Core §3.1.3.7
 */
export async function exchangeCode(connection: ProviderConnection, options: CodeExchangeOptions): Promise<TokenSet> {
  const { callback, transaction, resource } = options
  const { issuer } = connection
  const [state, iss, oauthError, code] = ['state', 'iss', 'error', 'code'].map((name) => {
    const [value, second] = callback.getAll(name)
    insist('response_invalid', issuer, { [`${name} came twice`]: second === undefined })
    return value
  })
  insist('state_mismatch', issuer, { 'state is of another sign-in': state === transaction.state })
  const { authorization_response_iss_parameter_supported: isSaid } = await connection.metadata()
  // An error answer proves its origin like any other, so `iss` is checked before `error` is believed.
  insist('issuer_mismatch', issuer, {
    'iss is of another provider': iss === issuer || (iss === undefined && !isSaid),
  })
  if (oauthError) {
    throw new ProtocolError('authorization_failed', `${issuer}: ${oauthError}`, { oauthError })
  }
  insist('response_invalid', issuer, { code })
  return requestTokens(connection, {
    parameters: {
      grant_type: 'authorization_code',
      code,
      redirect_uri: transaction.redirectUri,
      code_verifier: transaction.codeVerifier,
      resource,
    },
    signIn: transaction,
  })
}
