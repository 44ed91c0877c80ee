import type { TokenManager, TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { TokenKind } from '../options.ts'
import type { ClientTokens } from './client-tokens.ts'
import type { TokenTarget } from './held-tokens.ts'
import type { Session } from './sessions.ts'
import { currentTokens } from './user-tokens.ts'

export interface TokenSourceParts {
  readonly session: Session | null
  readonly clientTokens: ClientTokens
  readonly token: TokenKind
  readonly tokenTarget: TokenTarget
}

/** Where a call's access token comes from; null stands for a call without one. */
export function tokenSource({ session, clientTokens, token, tokenTarget }: TokenSourceParts): TokenManager {
  const user: TokenManager = {
    get: (options) => currentTokens(session, { ...tokenTarget, ...options }),
    renew: (rejected, options) => currentTokens(session, { ...tokenTarget, rejected, ...options }),
  }
  const client = clientTokens.of(tokenTarget)
  if (token === 'user') return user
  if (token === 'client') return client
  if (token === 'none') return bare
  return either(user, token === 'userOrClient' ? client : bare)
}

const bare: TokenManager = { get: async () => null, renew: async () => null }

/** The person's, where somebody is signed in; a session that is there but cannot be used now is a failure, not nobody. */
function either(user: TokenManager, otherwise: TokenManager): TokenManager {
  let chosen = user
  const attempt = async (ask: (source: TokenManager) => Promise<TokenSet | null>) => {
    try {
      return await ask(chosen)
    } catch (error) {
      if (chosen === otherwise || !(error instanceof ProtocolError) || error.code !== 'not_signed_in') throw error
      chosen = otherwise
      return ask(chosen)
    }
  }
  return {
    get: (options) => attempt((source) => source.get(options)),
    renew: (rejected, options) => attempt((source) => source.renew(rejected, options)),
  }
}
