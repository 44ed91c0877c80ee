import type { ClientAuthMethodName, Form } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'
import type { ClientAssertion } from './client-assertion.ts'

/** How a client proves who it is: one file and one line in `index.ts`; discovery follows. */
export interface ClientAuthMethod {
  readonly name: ClientAuthMethodName
  /** What it looks like in a request. Methods that look alike share one; the client's registration tells which it is. */
  readonly presentation: Presentation
  /** Whether it can work as the provider is set up; always unless said otherwise. */
  available?(parts: Pick<Parts, 'mutualTls'>): boolean
  /** What is wrong with the proof, for the log alone; null when the client proved who it is. */
  refute(parts: Parts, proof: Proof): Promise<string | null> | string | null
}

export interface Proof {
  readonly client: RegisteredClient
  readonly presented: Presented
  readonly request: Request
}

/** One way in which a request names its client. It judges nothing. */
export interface Presentation {
  readonly name: string
  /**
   * Each reading of what is presented in the order to try, or null when nothing is.
   * @throws OAuthError `invalid_client` when it cannot be read
   */
  read(request: Request, form: Form): readonly Presented[] | null
}

export interface Presented {
  readonly clientId: string
  readonly secret?: string
  readonly assertion?: ClientAssertion
}

declare const authenticated: unique symbol

/** A client that proved who it is; only `authenticateClient` makes one. */
export type AuthenticatedClient = RegisteredClient & { readonly [authenticated]: true }
