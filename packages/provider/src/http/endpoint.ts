import type { ServerMetadata, SigningAlg } from '@latchkey/protocol'
import type { ProviderEvent } from '../events.ts'
import type { Soon } from '../soon.ts'

/** One endpoint: one file, and one line in `endpoints/index.ts`. Discovery follows from the same list. */
export interface Endpoint {
  /** Below the base path, such as "/token". A trailing slash is answered too. */
  readonly path: string
  /** Whether `path` stands at the origin's root instead of below the base path. */
  readonly atRoot?: boolean
  /** Whether everything below `path` is its own as well. */
  readonly prefix?: boolean
  readonly methods: readonly string[]
  /**
   * - `none`: no script of another origin may read it (pages).
   * - `public`: any origin, without credentials (metadata, keys).
   * - `clients`: origins of registered redirect URIs, without credentials.
   */
  readonly cors: 'none' | 'public' | 'clients'
  /** Whether its errors are shown to a person as a page or sent to a machine as JSON. */
  readonly audience: 'person' | 'machine'
  /** Needs an access token with this scope: its errors carry Bearer challenges. @spec RFC 6750 §3 */
  readonly bearer?: { readonly scope: string; readonly algs: readonly SigningAlg[] }
  /** The event that tells of a refusal; `request.refused` unless said otherwise. */
  readonly refusal?: 'token.refused' | 'authorization.refused'
  /** What it adds to the provider's metadata. */
  readonly metadata?: (url: string) => Partial<ServerMetadata>
  readonly handle: (request: EndpointRequest) => Soon<Response>
}

/** A request with what the door already knows. */
export interface EndpointRequest {
  readonly request: Request
  /** The path below the base path, without a trailing slash. */
  readonly path: string
  /** The query text without its `?`. */
  readonly query: string
  /** Quoted on error pages and in every log line. */
  readonly requestId: string
  /** Headers that the answer to a machine carries: request id, security, CORS. The door sets them on pages itself. */
  readonly headers: Readonly<Record<string, string>>
  /** Who asks for what, noted as it becomes known: the event of a refusal tells it. */
  about?: Pick<ProviderEvent, 'clientId' | 'grantType'>
}
