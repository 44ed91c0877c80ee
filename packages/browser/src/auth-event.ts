import type { ProtocolError } from '@latchkey/protocol'
import type { AuthState, SignedOutReason } from './auth-state.ts'

/** How a session came to this tab. */
export type SignInWay = 'redirect' | 'popup' | 'silent' | 'stored' | 'another-tab'

/** What an API asks for before it answers. @spec RFC 9470 §3; RFC 6750 §3.1 */
export type ApiChallenge =
  | {
      readonly kind: 'step-up'
      readonly acrValues?: readonly string[] | undefined
      readonly maxAgeSeconds?: number | undefined
    }
  | { readonly kind: 'scope'; readonly scope?: string | undefined }

/** Everything worth knowing that happens; never a token, code, nonce or verifier. */
export type AuthEvent =
  | { readonly type: 'state-changed'; readonly state: AuthState }
  | { readonly type: 'leaving'; readonly to: 'sign-in' | 'sign-out' }
  | { readonly type: 'signed-in'; readonly by: SignInWay }
  | { readonly type: 'sign-in-failed'; readonly error: unknown }
  | { readonly type: 'renewing' }
  | { readonly type: 'renewed'; readonly resource: string | undefined; readonly expiresAt: number }
  | { readonly type: 'renewal-failed'; readonly error: ProtocolError }
  | { readonly type: 'signed-out'; readonly because: SignedOutReason }
  | { readonly type: 'session-changed' }
  | { readonly type: 'api-challenge'; readonly url: string; readonly challenge: ApiChallenge }
