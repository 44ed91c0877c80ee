import type { Jwk } from '../client-keys/client-keys.ts'
import { OutboundError } from '../outbound/outbound.ts'
import { certificateOf } from '../sender-constraint/mutual-tls.ts'
import type { ClientAuthMethod } from './client-auth-method.ts'
import { clientIdAlone } from './client-id-alone.ts'

/** A certificate that stands among the client's keys; no authority is asked. @spec RFC 8705 §2.2 */
export const selfSignedTlsClientAuth: ClientAuthMethod = {
  name: 'self_signed_tls_client_auth',
  presentation: clientIdAlone,
  available: ({ mutualTls }) => mutualTls !== null,
  async refute(parts, { client, request }) {
    const certificate = certificateOf(parts, request)
    if (certificate === null) return 'the client showed no certificate'
    const isRegistered = (keys: readonly Jwk[] | null) => keys?.some((key) => holds(key, certificate.der)) === true
    try {
      if (isRegistered(await parts.clientKeys.of(client.metadata))) return null
      if (isRegistered(await parts.clientKeys.renewed(client.metadata))) return null
    } catch (error) {
      if (error instanceof OutboundError) return `the keys of the client cannot be had: ${error.message}`
      throw error
    }
    return 'the certificate is the x5c of none of the keys that the client registered'
  },
}

/** @spec RFC 7517 §4.7 */
function holds({ x5c }: Jwk, der: Uint8Array): boolean {
  const first: unknown = Array.isArray(x5c) ? x5c[0] : undefined
  return typeof first === 'string' && Buffer.from(first, 'base64').equals(der)
}
