import { type Certificate, readCertificate } from '../crypto.ts'
import type { Parts } from '../parts.ts'

/** The certificate a client showed on its TLS connection. */
export interface PresentedCertificate {
  readonly der: Uint8Array
  /** Whether its chain leads to an authority the server trusts for clients, and its dates are good. */
  readonly trusted: boolean
}

/** How the provider learns of client certificates. @spec RFC 8705 */
export interface MutualTls {
  /** The certificate that came with this request, or null; it must have been proven in the TLS handshake. */
  clientCertificate(request: Request): PresentedCertificate | null
  /** Whether there are authorities for clients: `tls_client_auth` needs them. */
  readonly hasAuthorities: boolean
  /** An https URL in front of `/token` and the like, where certificates are asked for elsewhere than at the issuer. */
  readonly endpointBase?: string
}

/** The certificate of this request, or null where there is none or certificates are not set up. */
export function certificateOf(
  { mutualTls }: Pick<Parts, 'mutualTls'>,
  request: Request,
): (Certificate & { readonly trusted: boolean }) | null {
  const presented = mutualTls?.clientCertificate(request) ?? null
  if (presented === null) return null
  const certificate = readCertificate(presented.der)
  return certificate === null ? null : { ...certificate, trusted: presented.trusted }
}

const aliased = [
  'token_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'pushed_authorization_request_endpoint',
  'device_authorization_endpoint',
  'backchannel_authentication_endpoint',
  'userinfo_endpoint',
]

/** What the metadata says of mutual TLS. @spec RFC 8705 §3.3, §5 */
export function mutualTlsMetadata(
  { mutualTls, issuer }: Pick<Parts, 'mutualTls' | 'issuer'>,
  described: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (mutualTls === null) return {}
  const base = mutualTls.endpointBase
  const bound = { tls_client_certificate_bound_access_tokens: true }
  if (base === undefined) return bound
  const aliases = aliased.flatMap((name) => {
    const url = described[name]
    return typeof url === 'string' && url.startsWith(issuer) ? [[name, base + url.slice(issuer.length)]] : []
  })
  return { ...bound, mtls_endpoint_aliases: Object.fromEntries(aliases) }
}
