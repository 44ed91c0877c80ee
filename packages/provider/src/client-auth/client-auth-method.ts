import type { ClientMetadata, Form } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'

/** How a client proves who it is: one file and one line in `index.ts`; discovery follows. */
export interface ClientAuthMethod {
  readonly name: ClientMetadata['token_endpoint_auth_method']
  /** What the request presents in this method's way, or null. It judges nothing. */
  read(request: Request, form: Form): Credentials | null
}

/** What was presented, each reading of it in the order to try. */
export interface Credentials {
  readonly readings: readonly { readonly clientId: string; readonly secret: string | null }[]
}

declare const authenticated: unique symbol

/** A client that proved who it is; only `authenticateClient` makes one. */
export type AuthenticatedClient = RegisteredClient & { readonly [authenticated]: true }
