import { ProtocolError } from '@latchkey/protocol'
import * as oauth from 'oauth4webapi'
import type { TokenSet } from '../token-set.ts'
import { peerError } from './peer-error.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { tokenSet } from './token-set-of.ts'

export interface TokenRequest {
  readonly grantType: string
  /** Whatever is undefined is left out. */
  readonly parameters: Readonly<Record<string, string | undefined>>
  /** What did not come about, in words for the error. */
  readonly failure: string
  /** Throws a ProtocolError about an answer that is not what was asked for. */
  readonly check?: (answer: oauth.TokenEndpointResponse) => void
}

/**
 * Asks for a token that is no person's sign-in: with a proof where the connection has a key, and once more where the
 * provider wants its nonce in it.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, or `unreachable` (retryable).
 * @spec RFC 9449 §5, §8
 */
export async function requestToken(connection: ProviderConnection, asked: TokenRequest): Promise<TokenSet> {
  const server = await connection.metadata()
  try {
    const answer = await attempt(connection, server, asked).catch((error: unknown) => {
      if (connection.dpop === undefined || !oauth.isDPoPNonceError(error)) throw error
      return attempt(connection, server, asked)
    })
    if (connection.dpop !== undefined && answer.token_type !== 'dpop') {
      throw new ProtocolError('response_invalid', `${asked.failure}: the provider did not bind the token to our key`)
    }
    asked.check?.(answer)
    return tokenSet(answer, { now: connection.runtime.now(), before: null })
  } catch (error) {
    const refused = error instanceof oauth.ResponseBodyError
    throw peerError(error, refused ? 'authorization_failed' : 'response_invalid', asked.failure)
  }
}

/** Each attempt has a proof, and an assertion of the client, of its own. */
async function attempt(
  connection: ProviderConnection,
  server: oauth.AuthorizationServer,
  { grantType, parameters }: TokenRequest,
): Promise<oauth.TokenEndpointResponse> {
  const client = connection.client()
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) form.set(name, value)
  const response = await oauth.genericTokenEndpointRequest(server, client, connection.authentication, grantType, form, {
    ...connection.request(),
    ...(connection.dpop === undefined ? {} : { DPoP: await connection.dpop.handle() }),
  })
  return oauth.processGenericTokenEndpointResponse(server, client, response)
}
