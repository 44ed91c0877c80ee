import type { AccessToken } from './access-token.ts'
import type { Decision } from './api-guard.ts'
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
  readonly headersSent: boolean
  setHeader(name: string, value: string): unknown
  end(body?: string): unknown
}

interface TlsSocket {
  readonly encrypted?: boolean
  getPeerCertificate?(): { readonly raw?: Uint8Array } | null
}

/**
 * A request of `node:http` as the guard reads it; each part only when it is asked for. `parsed` has the body where a framework
 * keeps it elsewhere.
 */
export function nodeRequest(request: IncomingRequest, parsed: { readonly body?: unknown } = request): GuardRequest {
  return new NodeRequest(request, parsed)
}

/** A class, so that a request costs one object and not one more for each part that nobody asks for. */
class NodeRequest implements GuardRequest {
  readonly #request: IncomingRequest
  readonly #parsed: { readonly body?: unknown }

  constructor(request: IncomingRequest, parsed: { readonly body?: unknown }) {
    this.#request = request
    this.#parsed = parsed
  }

  get authorization(): string | undefined {
    return authorizationOf(this.#request)
  }

  get dpop(): string | undefined {
    return this.#request.headers.dpop as string | undefined
  }

  get clientCert(): string | undefined {
    return this.#request.headers['client-cert'] as string | undefined
  }

  get method(): string | undefined {
    return this.#request.method
  }

  url(): string {
    const { headers, originalUrl, url } = this.#request
    const host = (headers.host ?? headers[':authority']) as string | undefined // HTTP/2 has no Host
    // Whatever else stood in it would become part of the path, or hide it.
    if (host === undefined || !/^[\w.~-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(host)) return ''
    return `${this.#tls() === undefined ? 'http' : 'https'}://${host}${originalUrl ?? url ?? '/'}`
  }

  form(): unknown {
    return isForm(this.#request.headers['content-type']) ? this.#parsed.body : undefined
  }

  certificate(): Uint8Array | undefined {
    return this.#tls()?.getPeerCertificate?.()?.raw
  }

  #tls(): TlsSocket | undefined {
    const socket = this.#request.socket as TlsSocket
    return socket.encrypted === true ? socket : undefined
  }
}

/** Whether a body is of the one type in which a token may stand: JSON that somebody parsed is none. @spec RFC 6750 §2.2 */
export function isForm(type: string | string[] | null | undefined): boolean {
  return typeof type === 'string' && /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type.trim())
}

/**
 * Puts a decision into effect: whether the request may go on. Where it may not, the answer is sent, unless somebody (a time
 * limit, say) answered while the guard was asking.
 */
export function settle(decision: Decision, request: { auth?: AccessToken }, response: OutgoingResponse): boolean {
  if (response.headersSent) return false
  if (decision.outcome === 'refused') sendRefusal(response, decision.refusal)
  if (decision.outcome !== 'admitted') return decision.outcome === 'anonymous'
  request.auth = decision.auth
  setHeaders(response, decision.headers)
  return true
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
