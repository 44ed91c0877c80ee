import type { ClientMetadata } from '@latchkey/protocol'
import { isRegistrable } from './registrable-fields.ts'

interface Registered {
  readonly metadata: Omit<ClientMetadata, 'client_secret'>
  readonly createdAt: number
  /** To be shown now and never again, or null. */
  readonly secret: string | null
  readonly token: string
  /** Below which each client has its own address. */
  readonly url: string
}

/** What a client is told of itself: everything that is registered, not only what it asked for. @spec RFC 7591 §3.2.1; RFC 7592 §3 */
export function clientInformation({ metadata, createdAt, secret, token, url }: Registered): object {
  const { client_id: clientId } = metadata
  return {
    client_id: clientId,
    client_id_issued_at: createdAt,
    ...(secret === null ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    ...Object.fromEntries(Object.entries(metadata).filter(([name]) => isRegistrable(name))),
    registration_access_token: token,
    registration_client_uri: `${url}/${encodeURIComponent(clientId)}`,
  }
}
