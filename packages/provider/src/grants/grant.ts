import type { AuthorizationDetail, Form } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'
import type { AuthenticatedClient } from '../client-auth/client-auth-method.ts'
import type { RegisteredClient, Resource } from '../config.ts'
import type { Parts } from '../parts.ts'
import type { Soon } from '../soon.ts'
import type { Grounds, HandleHash, RefreshTokenRecord } from '../store/store.ts'

/** One thing a client may present at the token endpoint. It decides and writes nothing. */
export interface Grant {
  /** The value of `grant_type`. */
  readonly type: string
  /** @throws OAuthError */
  authorize(asking: { readonly client: AuthenticatedClient; readonly form: Form }): Soon<Authorization>
}

/** Makes a grant from what the provider is made of, or null where it is switched off. */
export type GrantFactory = (parts: Parts) => Grant | null

/** What a grant decided: `issueTokens` turns it into tokens. */
export interface Authorization {
  readonly client: AuthenticatedClient
  /** What was authorized in all; refresh tokens keep it whole. */
  readonly grounds: Grounds
  /** What this access token carries of it. */
  readonly scope: readonly string[]
  readonly resource: Resource | null
  /** What this access token carries of the details that were granted; all of them when left out. @spec RFC 9396 §6 */
  readonly authorizationDetails?: readonly AuthorizationDetail[]
  /** The person, or null where the client acts for itself. */
  readonly account: Account | null
  /** @spec OIDC Core §3.1.2.1 */
  readonly nonce: string | null
  /** Epoch seconds after which no token may be valid, where what was presented sets an end. */
  readonly notAfter?: number
  /** What a token exchange answers besides. @spec RFC 8693 §2.2.1 */
  readonly issuedTokenType?: string
  readonly proof: Proof
}

/** What tokens are made from, whichever endpoint issues them. */
export type TokenBasis = Omit<Authorization, 'client' | 'proof'> & { readonly client: RegisteredClient }

/** What was presented, and so which atomic step of the store writes the tokens. */
export type Proof =
  | { readonly kind: 'client' }
  | { readonly kind: 'code'; readonly hash: HandleHash }
  | {
      readonly kind: 'refresh'
      readonly handle: string
      readonly record: RefreshTokenRecord
      /** Whether a successor takes its place; otherwise it stays and only its idle end moves. */
      readonly rotates: boolean
    }
  /** A device code or an `auth_req_id` that a person approved. */
  | { readonly kind: 'pending'; readonly hash: HandleHash }
  /** A token of ours or an assertion of somebody else's: its tokens join or begin a family. */
  | { readonly kind: 'token'; readonly once?: { readonly key: string; readonly expiresAt: number } }
