import { type AccessTokenClaims, createRecentlyUsed } from '@latchkey/protocol'
import type { AccessTokenHeader } from './compact-jwt.ts'
import type { KeySet, VerificationKey } from './jwks.ts'

export interface KnownToken<Source> {
  readonly token: string
  readonly header: AccessTokenHeader
  readonly payload: AccessTokenClaims
  /** What verified it: once the provider withdraws that key, the token is no longer known. */
  readonly key: VerificationKey
  /** The issuer's part of the guard. */
  readonly source: Source
  /** The key set in which `key` was last found. */
  heldIn: KeySet | null
  /** Up to which state of the revocation feed it was found clear. */
  clearedAt: number
}

/** Tokens verified before. */
export interface KnownTokens<Source> {
  find(token: string): KnownToken<Source> | undefined
  add(token: KnownToken<Source>): void
}

/**
 * So much of a signature's end tells tokens apart. Hashing that much costs a fifth of hashing the whole; only a token that is
 * equal from its beginning is a known one.
 */
const tailLength = 24

/** Holds at most `limit` tokens. What it hands out is frozen, since many requests share it. */
export function createKnownTokens<Source>(limit: number): KnownTokens<Source> {
  const tokens = createRecentlyUsed<KnownToken<Source>>(limit)
  return {
    find(token) {
      const known = tokens.get(token.slice(-tailLength))
      return known?.token === token ? known : undefined
    },
    add(known) {
      deepFreeze(known.header)
      deepFreeze(known.payload)
      tokens.set(known.token.slice(-tailLength), known)
    },
  }
}

export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
}
