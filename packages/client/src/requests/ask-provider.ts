import type { JsonObject } from '@latchkey/protocol'
import { type Refused, readAnswer } from './answer.ts'
import type { ProviderConnection } from './provider-connection.ts'

export interface ProviderRequest {
  readonly url: string
  readonly parameters: URLSearchParams
  readonly refused?: Refused | undefined
}

/**
 * Posts a form to one of the provider's endpoints, proven as this client, and gives back the object of its answer. Where
 * the connection has a key, each attempt has a proof of its own.
 * @throws ProtocolError as `readAnswer` does, and `unreachable` (retryable) without an answer; a refusal is
 * `authorization_failed` unless `refused` says otherwise.
 * @spec RFC 6749 §3.2, §5.2; RFC 9449 §5, §8
 */
export async function askProvider(
  connection: ProviderConnection,
  { url, parameters, refused }: ProviderRequest,
): Promise<JsonObject> {
  const attempt = async (proof?: string) => {
    const headers = new Headers({ accept: 'application/json', ...(proof && { dpop: proof }) })
    const body = new URLSearchParams(parameters)
    await connection.authentication(connection, body, headers)
    return connection.send(url, { method: 'POST', headers, body })
  }
  const request = { method: 'POST', url, now: connection.now() }
  return readAnswer(url, await (connection.dpop?.prove(request, attempt) ?? attempt()), refused)
}
