import { ProtocolError } from '@latchkey/protocol'
import type { Auth } from './auth.ts'
import type { Parts } from './parts.ts'
import type { SharedTokens } from './shared-tokens.ts'

/** Everything of `Auth` that hands out tokens. */
export type TokenAccess = Pick<Auth, 'getAccessToken' | 'peekAccessToken' | 'getIdToken' | 'getTokens'>

export function createTokenAccess({ platform, holder, requests }: Parts, tokens: SharedTokens): TokenAccess {
  const hidden = requests.send
  return {
    async getAccessToken(options) {
      if (hidden) throw new ProtocolError('token_not_in_browser', 'the worker keeps it: send requests by auth.fetch')
      return (await tokens.get(options))?.accessToken ?? null
    },
    peekAccessToken(target = {}) {
      const set = hidden ? null : tokens.current(target)
      return set && set.expiresAt > platform.runtime.now() ? set.accessToken : null
    },
    getIdToken: () => holder.current()?.tokens.idToken ?? null,
    getTokens() {
      const set = holder.current()?.tokens
      if (!set) return null
      const { claims, renewals, ...held } = set
      return { ...held, ...(requests.ofThisTab && { refreshToken: null }), ...(hidden && { accessToken: '' }) }
    },
  }
}
