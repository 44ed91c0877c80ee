import type { Auth } from './auth.ts'
import type { Parts } from './parts.ts'
import type { SharedTokens } from './shared-tokens.ts'

/** Everything of `Auth` that hands out tokens. */
export type TokenAccess = Pick<Auth, 'getAccessToken' | 'peekAccessToken' | 'getIdToken' | 'getTokens'>

export function createTokenAccess({ platform, holder }: Parts, tokens: SharedTokens): TokenAccess {
  return {
    getAccessToken: async (options) => (await tokens.get(options))?.accessToken ?? null,
    peekAccessToken(target = {}) {
      const set = tokens.current(target)
      return set && set.expiresAt > platform.runtime.now() ? set.accessToken : null
    },
    getIdToken: () => holder.current()?.tokens.idToken ?? null,
    getTokens() {
      const session = holder.current()
      if (!session) return null
      const { claims, renewals, ...held } = session.tokens
      return held
    },
  }
}
