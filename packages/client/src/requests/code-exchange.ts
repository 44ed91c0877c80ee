import { ProtocolError } from '@latchkey/protocol'
import type { TokenSet } from '../token-set.ts'
import { askProvider } from './ask-provider.ts'
import type { LoginTransaction } from './authorization.ts'
import { readIdToken } from './id-token.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { refuseUnbound } from './token-request.ts'
import { tokenAnswer, tokenSet } from './token-set-of.ts'

export interface CodeExchangeOptions {
  /** The parameters with which the provider sent the person back. */
  readonly callback: URLSearchParams
  readonly transaction: LoginTransaction
  /** @spec RFC 8707 §2.2 */
  readonly resource?: string | undefined
  /** Beside that of the transaction. */
  readonly maxAgeSeconds?: number
}

const failure = 'the code could not be exchanged'

/**
 * Redeems the code of an authorization response, after `state` and `iss` were checked, and validates the ID token
 * before anything is kept.
 * @throws ProtocolError `authorization_failed` with the provider's `error`; `state_mismatch`, `issuer_mismatch`,
 * `id_token_invalid`, `authentication_insufficient`; `unreachable` (retryable).
 * @spec RFC 6749 §4.1.3; RFC 9207 §2.4; OIDC Core §3.1.3.7
 */
export async function exchangeCode(connection: ProviderConnection, options: CodeExchangeOptions): Promise<TokenSet> {
  const { callback, transaction } = options
  const code = await checkResponse(connection, callback, transaction.state)
  const answer = tokenAnswer(
    await askProvider(connection, {
      endpoint: 'token_endpoint',
      parameters: {
        grant_type: 'authorization_code',
        code,
        redirect_uri: transaction.redirectUri,
        code_verifier: transaction.codeVerifier,
        resource: options.resource,
      },
      failure,
      refused: () => 'authorization_failed',
    }),
    failure,
  )
  refuseUnbound(connection, answer, failure)
  if (answer.id_token === undefined) throw new ProtocolError('id_token_invalid', `${failure}: no ID token came`)
  const claims = await readIdToken(connection, answer.id_token, {
    accessToken: answer.access_token,
    nonce: transaction.nonce,
    maxAgeSeconds: options.maxAgeSeconds ?? transaction.maxAgeSeconds,
    acrValues: transaction.acrValues,
  })
  return tokenSet(answer, { now: connection.runtime.now(), claims, before: null })
}

/** The code of an answer that belongs to this sign-in and this provider. @spec RFC 6749 §4.1.2, §10.12; RFC 9207 §2.4 */
async function checkResponse(
  connection: ProviderConnection,
  callback: URLSearchParams,
  state: string,
): Promise<string> {
  for (const name of ['state', 'iss', 'code', 'error']) {
    if (callback.getAll(name).length > 1)
      throw new ProtocolError('response_invalid', `the answer has "${name}" more than once`)
  }
  if (callback.get('state') !== state) {
    throw new ProtocolError('state_mismatch', 'the answer does not belong to this sign-in: start again')
  }
  const server = await connection.metadata()
  // An error answer proves its origin like any other, so `iss` is checked before `error` is believed.
  const iss = callback.get('iss')
  if ((iss !== null || server.authorization_response_iss_parameter_supported === true) && iss !== server.issuer) {
    throw new ProtocolError('issuer_mismatch', 'the answer comes from another provider than the one asked')
  }
  const error = callback.get('error')
  const code = callback.get('code')
  if (error !== null) {
    throw new ProtocolError('authorization_failed', `the provider refused the sign-in: ${error}`, { oauthError: error })
  }
  if (!code) throw new ProtocolError('response_invalid', 'the answer has neither a code nor an error')
  return code
}
