import type { Account } from '../accounts.ts'
import type { AuthorizationRequest } from '../authorization/authorization-request.ts'
import type { Parts } from '../parts.ts'
import type { Grounds } from '../store/store.ts'

/** A request that was granted: what each piece of the answer is made from. */
export interface Granted {
  readonly request: AuthorizationRequest
  readonly account: Account
  /** What was decided; each piece that begins a family of its own takes it under a new `familyId`. */
  readonly grounds: Grounds
  readonly requestId: string
}

/** One word of `response_type`, and what it puts into the answer: one file and one line in `index.ts`. */
export interface ResponseType {
  readonly name: 'code' | 'token' | 'id_token'
  /** What a client's `grant_types` must have for it. @spec RFC 7591 §2.1 */
  readonly grantType: 'authorization_code' | 'implicit'
  /** Whether a token stands in the answer itself, which then must not travel in a query. @spec OAuth Multiple Response Types §3 */
  readonly carriesToken: boolean
  /** @param answer what the pieces before it have put there */
  issue(
    parts: Parts,
    granted: Granted,
    answer: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>>
}
