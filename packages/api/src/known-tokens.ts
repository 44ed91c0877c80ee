import type { AccessTokenClaims } from '@latchkey/protocol'
import type { AccessTokenHeader } from './compact-jwt.ts'
import type { VerificationKey } from './jwks.ts'

export interface KnownToken {
  readonly header: AccessTokenHeader
  readonly payload: AccessTokenClaims
  /** What verified it: once the provider withdraws that key, the token is no longer known. */
  readonly key: VerificationKey
}

/** Tokens verified before, by their SHA-256; the one seen longest ago makes room. */
export interface KnownTokens {
  find(digest: string): KnownToken | undefined
  add(digest: string, token: KnownToken): void
  forget(digest: string): void
}

/** Holds at most `limit` tokens. What it hands out is frozen, since many requests share it. */
export function createKnownTokens(limit: number): KnownTokens {
  const tokens = new Map<string, KnownToken>()
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

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
}
