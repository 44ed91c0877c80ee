import { ProtocolError } from '@latchkey/protocol'
import { askProvider } from './ask-provider.ts'
import type { ProviderConnection } from './provider-connection.ts'

/** Hands the provider an authorization request and gives back the `request_uri` that stands for it. */
export type PushAuthorization = (connection: ProviderConnection, parameters: URLSearchParams) => Promise<string>

const failure = 'the sign-in could not be pushed to the provider'

/**
 * What the person's browser would carry goes straight to the provider. A DPoP proof binds the code to the key.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, `unreachable` (retryable).
 * @spec RFC 9126 §2; RFC 9449 §10.1
 */
export const pushAuthorization: PushAuthorization = async (connection, parameters) => {
  const { request_uri: requestUri } = await askProvider(connection, {
    endpoint: 'pushed_authorization_request_endpoint',
    parameters,
    failure,
    refused: () => 'authorization_failed',
  })
  if (typeof requestUri === 'string') return requestUri
  throw new ProtocolError('response_invalid', `${failure}: no request_uri came`)
}
