import type { AccessTokenClaims } from '@latchkey/protocol'
import { bareTerms, type ChallengeTerms } from './challenge.ts'
import type { AccessTokenHeader } from './compact-jwt.ts'
import type { TokenEnd } from './token-end.ts'

/** What a requirement behind the guard needs of it. */
export interface GuardTerms {
  readonly terms: ChallengeTerms
  /** Epoch seconds. */
  readonly now: () => number
  /** Undefined for a token that no guard admitted. */
  readonly watch?: ((auth: AccessToken) => TokenEnd) | undefined
}

const guardedBy = Symbol('guarded by')

/** A verified access token. `header` and `payload` are frozen. */
export interface AccessToken {
  /** The JWT's header; of an opaque token `{ typ: 'opaque', alg: 'introspection' }`. */
  readonly header: AccessTokenHeader
  /** The JWT's payload, or what introspection said. */
  readonly payload: AccessTokenClaims
  readonly token: string
  /** How the token came. */
  readonly scheme: 'Bearer' | 'DPoP'
  readonly [guardedBy]?: GuardTerms
}

interface Verified {
  readonly header: AccessTokenHeader
  readonly payload: AccessTokenClaims
}

export function accessToken(
  { header, payload }: Verified,
  came: { readonly token: string; readonly scheme: 'Bearer' | 'DPoP' },
  guard?: GuardTerms,
): AccessToken {
  const { token, scheme } = came
  return guard === undefined
    ? { header, payload, token, scheme }
    : { header, payload, token, scheme, [guardedBy]: guard }
}

/** The guard that admitted a token. */
export function guardOf(auth: AccessToken): GuardTerms {
  return auth[guardedBy] ?? { terms: bareTerms, now: () => Number.POSITIVE_INFINITY }
}
