/** Why nothing came back, in one word. */
export type OutboundFailure =
  | 'forbidden-address'
  | 'unreachable'
  | 'too-slow'
  | 'too-large'
  | 'redirect'
  | 'wrong-content-type'

/** A request of ours to an address that somebody else chose failed. Its message names the host, never what came back. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError'
  readonly reason: OutboundFailure

  constructor(reason: OutboundFailure, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.reason = reason
  }
}

export interface OutboundRequest {
  /** GET unless said otherwise. */
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Media types of which a 200 answer must have one, such as `application/json`; any when left out. */
  readonly contentTypes?: readonly string[]
  /** Bytes of the answer's body; 64 KiB unless said otherwise. */
  readonly maxBytes?: number
  /** Seconds until the whole answer must be here; 5 unless said otherwise. */
  readonly timeoutSeconds?: number
}

export interface OutboundResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Requests to addresses that clients named (`jwks_uri`, `request_uri`, logout URIs …), guarded against being sent
 * somewhere only this server can reach. @spec RFC 9101 §10.4.1; RFC 7591 §5
 */
export interface Outbound {
  /** @throws OutboundError */
  send(url: string, request?: OutboundRequest): Promise<OutboundResponse>
}
