import { createTokenManager, refreshTokens, revokeToken, type TokenManager, type TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import { createBrowserTokenHost } from './browser-token-host.ts'
import { type Parts, sessionLock } from './parts.ts'
import { signInSilently } from './silent-sign-in.ts'
import type { Start } from './start.ts'

/** The tokens of all tabs behind the one token manager; null to callers when the session ends under their feet. */
export function createSharedTokens(parts: Parts, known: Start['known']): TokenManager {
  const { platform, settings, connection, holder, tabs } = parts
  const host = createBrowserTokenHost({
    holder,
    tabs,
    locks: platform.locks,
    lockName: sessionLock(settings),
    refresh: (tokens) => renewed(parts, tokens),
    discard({ refreshToken }) {
      if (refreshToken !== null) revokeToken(connection, refreshToken, 'refresh_token').catch(() => false)
    },
  })
  const manager = createTokenManager({ host, runtime: platform.runtime })

  /** Where another sign-in took the session's place meanwhile, its tokens are the answer. */
  const orCurrent = async (work: Promise<TokenSet | null>): Promise<TokenSet | null> => {
    try {
      return await work
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'not_signed_in') return manager.get()
      throw error
    }
  }
  return {
    async get(options) {
      await known(options?.signal)
      return orCurrent(manager.get(options))
    },
    async renew(rejected, options) {
      await known(options?.signal)
      return orCurrent(manager.renew(rejected, options))
    },
  }
}

/** By refresh token, or by asking silently where the provider gave none. */
async function renewed({ platform, settings, connection }: Parts, tokens: TokenSet): Promise<TokenSet> {
  if (tokens.refreshToken !== null) {
    return refreshTokens(connection, tokens, settings.resource === undefined ? {} : { resource: settings.resource })
  }
  const fresh = await signInSilently(platform, connection, settings)
  if (fresh === null || fresh.claims?.sub !== tokens.claims?.sub) {
    throw new ProtocolError('refresh_rejected', 'the provider no longer knows this person here: sign in again')
  }
  return { ...fresh, renewals: tokens.renewals + 1 }
}
