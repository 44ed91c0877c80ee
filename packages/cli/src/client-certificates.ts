import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { ConfigError, type Runtime } from '@latchkey/protocol'
import type { MutualTls, PresentedCertificate } from '@latchkey/provider'
import type { MutualTlsSettings } from './config/client-proof-settings.ts'

/** Certificates of clients, from the server's own TLS connections or from the header of a proxy. @spec RFC 8705 §6.5 */
export interface ClientCertificates {
  /** What the TLS listener needs to ask for them; null where a proxy does. */
  readonly tls: { readonly requestCert: true; readonly rejectUnauthorized: false; readonly ca?: Buffer } | null
  /** Notes on which connection a request came. */
  remember(request: Request, incoming: { readonly socket: Socket }): void
  readonly mutualTls: MutualTls
}

/** @throws ConfigError when the authorities cannot be read */
export function createClientCertificates(
  settings: MutualTlsSettings,
  runtime: Pick<Runtime, 'now'>,
): ClientCertificates {
  const { header, ca: caFile, endpointBase } = settings
  const ca = caFile === null ? null : readFile(caFile)
  const authorities = ca === null ? [] : readAuthorities(ca, caFile ?? '')
  const sockets = new WeakMap<Request, TLSSocket>()
  return {
    tls: header === null ? { requestCert: true, rejectUnauthorized: false, ...(ca === null ? {} : { ca }) } : null,
    remember(request, { socket }) {
      if (socket instanceof TLSSocket) sockets.set(request, socket)
    },
    mutualTls: {
      hasAuthorities: authorities.length > 0,
      ...(endpointBase === null ? {} : { endpointBase }),
      clientCertificate(request) {
        if (header === null) return ofSocket(sockets.get(request))
        const certificate = readHeader(request.headers.get(header))
        if (certificate === null) return null
        return { der: certificate.raw, trusted: isTrusted(certificate, authorities, runtime.now()) }
      },
    },
  }
}

/** The handshake proved the key, whoever issued the certificate; `authorized` tells whether an authority did. */
function ofSocket(socket: TLSSocket | undefined): PresentedCertificate | null {
  const certificate = socket?.getPeerX509Certificate()
  return certificate === undefined ? null : { der: certificate.raw, trusted: socket?.authorized === true }
}

/** `:base64:` as RFC 9440 has it, or PEM, percent-encoded or with its line ends turned into spaces. */
function readHeader(value: string | null): X509Certificate | null {
  if (value === null || value === '') return null
  try {
    const [, bytes] = /^:([A-Za-z0-9+/=]+):$/.exec(value) ?? []
    if (bytes !== undefined) return new X509Certificate(Buffer.from(bytes, 'base64'))
    const pem = value.includes('%') ? decodeURIComponent(value) : value
    const [, body = ''] = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem) ?? []
    return new X509Certificate(Buffer.from(body, 'base64'))
  } catch {
    return null
  }
}

/** Issued by one of the authorities directly; the proxy's own judgement is not asked. */
function isTrusted(certificate: X509Certificate, authorities: readonly X509Certificate[], now: number): boolean {
  const at = now * 1000
  if (certificate.validFromDate.getTime() > at || certificate.validToDate.getTime() < at) return false
  return authorities.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey))
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError([
      `mutual_tls.ca: ${path} cannot be read (${code}). Check the path and that this user may read it.`,
    ])
  }
}

function readAuthorities(pem: Buffer, path: string): readonly X509Certificate[] {
  const blocks = pem.toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block))
  } catch {
    // Said below, for both ways of having none.
  }
  throw new ConfigError([`mutual_tls.ca: ${path} must hold the certificates of authorities in PEM.`])
}
