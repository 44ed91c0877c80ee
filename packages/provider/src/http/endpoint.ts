import type { ServerMetadata } from '@latchkey/protocol'

/** One endpoint: one file, and one line in `endpoints/index.ts`. Discovery follows from the same list. */
export interface Endpoint {
  /** Below the base path, such as "/token". A trailing slash is answered too. */
  readonly path: string
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
  /** What it adds to the provider's metadata. */
  readonly metadata?: (url: string) => Partial<ServerMetadata>
  readonly handle: (request: EndpointRequest) => Promise<Response>
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
}
