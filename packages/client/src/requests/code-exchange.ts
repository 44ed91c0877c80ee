import { ProtocolError } from '@latchkey/protocol'
import * as oauth from 'oauth4webapi'
import type { TokenSet } from '../token-set.ts'
import type { LoginTransaction } from './authorization.ts'
import { peerError } from './peer-error.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { tokenSet } from './token-set-of.ts'

export interface CodeExchangeOptions {
  /** The parameters with which the provider sent the person back. */
  readonly callback: URLSearchParams
  readonly transaction: LoginTransaction
  /** @spec RFC 8707 §2.2 */
  readonly resource?: string
  readonly maxAgeSeconds?: number
}

/**
 * Redeems the code of an authorization response, after `state` and `iss` were checked, and validates the ID token
 * before anything is kept. The ID token comes straight from the token endpoint: TLS stands for its signature.
 * @throws ProtocolError `authorization_failed` with the provider's `error`; `state_mismatch`, `issuer_mismatch`,
 * `id_token_invalid`; `unreachable` (retryable).
 * @spec RFC 6749 §4.1.3; RFC 9207 §2.4; OIDC Core §3.1.3.7
 */
export async function exchangeCode(connection: ProviderConnection, options: CodeExchangeOptions): Promise<TokenSet> {
  const { callback, transaction } = options
  const server = await connection.metadata()
  const client = connection.client()
  if (callback.get('state') !== transaction.state) {
    throw new ProtocolError('state_mismatch', 'the answer does not belong to this sign-in: start again')
  }
  // An error answer proves its origin like any other, so `iss` is checked before `error` is believed.
  const iss = callback.get('iss')
  if ((iss !== null || server.authorization_response_iss_parameter_supported === true) && iss !== server.issuer) {
    throw new ProtocolError('issuer_mismatch', 'the answer comes from another provider than the one asked')
  }
  const parameters = validated(() => oauth.validateAuthResponse(server, client, callback, transaction.state))
  try {
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      connection.authentication,
      parameters,
      transaction.redirectUri,
      transaction.codeVerifier,
      {
        ...connection.request(),
        ...(options.resource === undefined ? {} : { additionalParameters: { resource: options.resource } }),
      },
    )
    const result = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: transaction.nonce,
      requireIdToken: true,
      ...(options.maxAgeSeconds === undefined ? {} : { maxAge: options.maxAgeSeconds }),
    })
    return tokenSet(result, { now: connection.runtime.now(), before: null })
  } catch (error) {
    throw peerError(error, codeOf(error), 'the code could not be exchanged')
  }
}

function validated(validate: () => URLSearchParams): URLSearchParams {
  try {
    return validate()
  } catch (error) {
    throw peerError(error, 'authorization_failed', 'the provider refused the sign-in')
  }
}

function codeOf(error: unknown): 'authorization_failed' | 'id_token_invalid' {
  return error instanceof oauth.ResponseBodyError ? 'authorization_failed' : 'id_token_invalid'
}
