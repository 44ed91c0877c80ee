import type { ProviderConnection } from '@latchkey/client'
import type { BffEvent } from '../events.ts'
import type { ClientTokens } from '../session/client-tokens.ts'
import type { Nonces } from '../session/dpop-keys.ts'
import type { LoginCookies } from '../session/login-transaction.ts'
import type { SessionWatch } from '../session/session-watch.ts'
import type { Sessions } from '../session/sessions.ts'
import type { SessionStore } from '../session-store/session-store.ts'
import type { Settings } from '../settings.ts'

/** What `createBff` put together, once and for good; each endpoint takes from it what it needs. */
export interface Parts {
  readonly settings: Settings
  readonly connection: ProviderConnection
  readonly store: SessionStore
  readonly sessions: Sessions
  readonly clientTokens: ClientTokens
  readonly nonces: Nonces
  readonly watch: SessionWatch
  readonly logins: LoginCookies
  readonly emit: (event: BffEvent) => void
}

export interface EndpointRequest {
  readonly request: Request
  readonly query: URLSearchParams
}

/** One endpoint: one file, and one line in `endpoints/index.ts`. */
export interface Endpoint {
  /** Below the base path. */
  readonly path: string
  readonly methods: readonly string[]
  /** Whether its failures are shown to a person as a page or sent to our front end as a problem. */
  readonly audience: 'person' | 'front end'
  handle(parts: Parts, request: EndpointRequest): Promise<Response>
}
