import { ProtocolError } from '@latchkey/protocol'
import type { Auth } from './auth.ts'
import type { TokenSource } from './auth-part.ts'
import type { Parts } from './parts.ts'
import type { SharedTokens } from './shared-tokens.ts'
import type { Start } from './start.ts'

/** Everything of `Auth` that hands out tokens. */
export type TokenAccess = Pick<Auth, 'getAccessToken' | 'peekAccessToken' | 'getIdToken' | 'getTokens'>

export function createTokenSource(tokens: SharedTokens, start: Start): TokenSource {
  return async ({ forceRenewal, rejected, signal, ...target } = {}) => {
    if (forceRenewal) await start.known(signal)
    const refused = rejected ?? (forceRenewal ? tokens.current(target)?.accessToken : undefined)
    const manager = tokens.of(target)
    const wait = signal && { signal }
    return refused === undefined ? manager.get(wait) : manager.renew(refused, wait)
  }
}

export function createTokenAccess(parts: Parts, tokens: SharedTokens, tokenSet: TokenSource): TokenAccess {
  const { platform, holder, requests } = parts
  const hidden = requests.send
  return {
    async getAccessToken(options) {
      if (hidden)
        throw new ProtocolError('token_not_in_browser', 'the worker shows no token: send requests by auth.fetch')
      return (await tokenSet(options))?.accessToken ?? null
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
