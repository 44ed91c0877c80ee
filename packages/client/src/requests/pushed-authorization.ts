import { insist } from './answer.ts'
import { askProvider } from './ask-provider.ts'
import type { ProviderConnection } from './provider-connection.ts'

/** Hands the provider an authorization request and gives back what the person's browser carries instead. */
export type PushAuthorization = (
  connection: ProviderConnection,
  parameters: URLSearchParams,
) => Promise<URLSearchParams>

/**
 * What the person's browser would carry goes straight to the provider, where it takes that. A DPoP proof binds the code to
 * the key.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, `unreachable` (retryable).
 * @spec RFC 9126 §2, §4; RFC 9449 §10.1
 */
export const pushAuthorization: PushAuthorization = async (connection, parameters) => {
  const { pushed_authorization_request_endpoint: url } = await connection.metadata()
  if (typeof url !== 'string') return parameters
  const { request_uri: uri } = await askProvider(connection, { url, parameters })
  insist('response_invalid', url, { request_uri: uri })
  return new URLSearchParams({ client_id: connection.clientId, request_uri: String(uri) })
}
