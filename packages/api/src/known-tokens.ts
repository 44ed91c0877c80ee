import type { AccessTokenClaims } from '@latchkey/protocol'
import type { AccessTokenHeader } from './compact-jwt.ts'
import type { VerificationKey } from './jwks.ts'

export interface KnownToken<Source> {
  readonly header: AccessTokenHeader
  readonly payload: AccessTokenClaims
  /** What verified it: once the provider withdraws that key, the token is no longer known. */
  readonly key: VerificationKey
  /** The issuer's part of the guard. */
  readonly source: Source
  /** Up to which state of the revocation feed it was found clear. */
  clearedAt: number
}

/** Tokens verified before, by their SHA-256; the one seen longest ago makes room. */
export interface KnownTokens<Source> {
  find(digest: string): KnownToken<Source> | undefined
  add(digest: string, token: KnownToken<Source>): void
  forget(digest: string): void
}

/** Holds at most `limit` tokens. What it hands out is frozen, since many requests share it. */
export function createKnownTokens<Source>(limit: number): KnownTokens<Source> {
  const tokens = new Map<string, KnownToken<Source>>()
  return {
    find(digest) {
      const token = tokens.get(digest)
      if (token === undefined) return undefined
      tokens.delete(digest)
      tokens.set(digest, token)
      return token
    },
    add(digest, token) {
      deepFreeze(token.header)
      deepFreeze(token.payload)
      tokens.set(digest, token)
      if (tokens.size <= limit) return
      const oldest = tokens.keys().next()
      if (oldest.done !== true) tokens.delete(oldest.value)
    },
    forget(digest) {
      tokens.delete(digest)
    },
  }
}

export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
}
