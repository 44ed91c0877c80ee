import { insist } from './answer.ts'
import { askProvider } from './ask-provider.ts'
import type { ProviderConnection } from './provider-connection.ts'

/** Hands the provider an authorization request and gives back the `request_uri` that stands for it. */
export type PushAuthorization = (connection: ProviderConnection, parameters: URLSearchParams) => Promise<string>

const what = 'the pushed sign-in'

/**
 * What the person's browser would carry goes straight to the provider. A DPoP proof binds the code to the key.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, `unreachable` (retryable).
 * @spec RFC 9126 §2; RFC 9449 §10.1
 */
export const pushAuthorization: PushAuthorization = async (connection, parameters) => {
  const { pushed_authorization_request_endpoint: url } = await connection.metadata()
  const { request_uri: uri } = await askProvider(connection, { url: String(url), parameters, what })
  insist('response_invalid', what, { request_uri: uri })
  return String(uri)
}
