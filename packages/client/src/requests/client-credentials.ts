import * as oauth from 'oauth4webapi'
import type { TokenSet } from '../token-set.ts'
import { peerError } from './peer-error.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { tokenSet } from './token-set-of.ts'

/**
 * A token for the client itself, nobody signed in.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, or `unreachable` (retryable).
 * @spec RFC 6749 §4.4
 */
export async function clientCredentials(
  connection: ProviderConnection,
  target: { readonly resource?: string; readonly scope?: string } = {},
): Promise<TokenSet> {
  const server = await connection.metadata()
  const client = connection.client()
  const parameters = new URLSearchParams(Object.entries(target).filter(([, value]) => value !== undefined))
  try {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      connection.authentication,
      parameters,
      connection.request(),
    )
    const result = await oauth.processClientCredentialsResponse(server, client, response)
    return tokenSet(result, { now: connection.runtime.now(), before: null })
  } catch (error) {
    const refused = error instanceof oauth.ResponseBodyError
    throw peerError(error, refused ? 'authorization_failed' : 'response_invalid', 'the client got no token of its own')
  }
}
