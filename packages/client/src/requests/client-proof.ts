import type { ProviderConnection } from './provider-connection.ts'

/** What proves the client in one request: headers, and parameters of the body. Assertions are good for one request. */
export interface ClientProof {
  readonly headers: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string>>
}

/** For requests that are not made here. @spec RFC 6749 §2.3; RFC 7523 §2.2 */
export async function clientProof(connection: ProviderConnection): Promise<ClientProof> {
  const parameters = new URLSearchParams()
  const headers = new Headers()
  await connection.authentication(connection, parameters, headers)
  return { headers: Object.fromEntries(headers), parameters: Object.fromEntries(parameters) }
}
