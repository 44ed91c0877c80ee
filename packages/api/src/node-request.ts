import type { GuardRequest } from './credentials.ts'
import type { Refusal } from './refusal.ts'

/** What `node:http` requests have in every framework on top of it. */
export interface IncomingRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawHeaders: readonly string[]
  readonly method?: string | undefined
  /** Path and query; Express keeps the whole in `originalUrl` below a router. */
  readonly url?: string | undefined
  readonly originalUrl?: string | undefined
  readonly socket: object
  readonly body?: unknown
}

export interface OutgoingResponse {
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body?: string): unknown
}

interface TlsSocket {
  readonly encrypted?: boolean
  getPeerCertificate?(): { readonly raw?: Uint8Array } | null
}

/**
 * A request of `node:http` as the guard reads it; the dearer parts only when they are asked for. `parsed` has the body where
 * a framework keeps it elsewhere.
 */
export function nodeRequest(request: IncomingRequest, parsed: { readonly body?: unknown } = request): GuardRequest {
  const { headers } = request
  const socket = request.socket as TlsSocket
  return {
    authorization: authorizationOf(request),
    dpop: headers.dpop as string | undefined,
    clientCert: headers['client-cert'] as string | undefined,
    method: request.method,
    url: () => {
      const scheme = socket.encrypted === true ? 'https' : 'http'
      const host = (headers.host ?? headers[':authority']) as string | undefined // HTTP/2 has no Host
      return `${scheme}://${host}${request.originalUrl ?? request.url ?? '/'}`
    },
    form: () => (isForm(headers['content-type']) ? parsed.body : undefined),
    certificate: () => (socket.encrypted === true ? socket.getPeerCertificate?.()?.raw : undefined),
  }
}

/** Whether a body is of the one type in which a token may stand: JSON that somebody parsed is none. @spec RFC 6750 §2.2 */
export function isForm(type: string | string[] | null | undefined): boolean {
  return typeof type === 'string' && /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type.trim())
}

/** Sends a refusal as it is. */
export function sendRefusal(response: OutgoingResponse, { status, headers, body }: Refusal): void {
  response.statusCode = status
  setHeaders(response, headers)
  response.end(body)
}

export function setHeaders(response: OutgoingResponse, headers: Readonly<Record<string, string>> | undefined): void {
  for (const name in headers) response.setHeader(name, headers[name] ?? '')
}

/** Node keeps the first of two Authorization headers and drops the other unseen; here both count. */
function authorizationOf({ headers, rawHeaders }: IncomingRequest): string | undefined {
  const authorization = headers.authorization as string | undefined
  if (authorization === undefined) return undefined
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 13 && name.toLowerCase() === 'authorization') count++
  }
  return count > 1 ? `${authorization}, and another` : authorization
}
