import type { ClientMetadata } from '@latchkey/protocol'
import type { Certificate } from '../crypto.ts'
import { isSubject } from '../sender-constraint/distinguished-name.ts'
import { certificateOf } from '../sender-constraint/mutual-tls.ts'
import type { ClientAuthMethod } from './client-auth-method.ts'
import { clientIdAlone } from './client-id-alone.ts'

/** A certificate of an authority the server trusts, for the one name that the client registered. @spec RFC 8705 §2.1 */
export const tlsClientAuth: ClientAuthMethod = {
  name: 'tls_client_auth',
  presentation: clientIdAlone,
  available: ({ mutualTls }) => mutualTls?.hasAuthorities === true,
  async refute(parts, { client, request }) {
    const certificate = certificateOf(parts, request)
    if (certificate === null) return 'the client showed no certificate'
    if (!certificate.trusted) return 'the certificate is of no trusted authority, or its dates are not good'
    return isRegistered(certificate, client.metadata)
      ? null
      : 'the certificate is for another name than the client registered'
  },
}

/** @spec RFC 8705 §2.1.2 */
function isRegistered(certificate: Certificate, metadata: Partial<ClientMetadata>): boolean {
  const { tls_client_auth_subject_dn: subject, tls_client_auth_san_uri: uri } = metadata
  if (subject !== undefined) return isSubject(certificate.subject, subject)
  if (uri !== undefined) return certificate.uris.includes(uri)
  const { tls_client_auth_san_dns: dns, tls_client_auth_san_ip: ip, tls_client_auth_san_email: email } = metadata
  if (dns !== undefined) return certificate.isFor('dns', dns)
  if (ip !== undefined) return certificate.isFor('ip', ip)
  return email !== undefined && certificate.isFor('email', email)
}
