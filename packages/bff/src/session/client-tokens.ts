import {
  clientCredentials,
  createTokenManager,
  type ProviderConnection,
  type TokenManager,
  type TokenSet,
} from '@latchkey/client'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { type HeldTokens, type TokenTarget, targetKey, viewOf } from './held-tokens.ts'

/** The application's own tokens: kept in this process, one for each audience and scope, asked for once at a time. */
export interface ClientTokens {
  of(target: TokenTarget): TokenManager
}

const nothing: HeldTokens = { refreshToken: null, idToken: null, claims: null, renewals: 0, access: {} }

export function createClientTokens(connection: ProviderConnection, breaker: CircuitBreaker): ClientTokens {
  const managers = new Map<string, TokenManager>()

  function create(target: TokenTarget): TokenManager {
    let current: TokenSet = viewOf(nothing, '')
    const host = {
      load: async () => current,
      async save(tokens: TokenSet) {
        current = tokens
      },
      async end() {},
      exclusive: <T>(work: () => Promise<T>) => work(),
      refresh: () => breaker.run(() => clientCredentials(connection, target)),
    }
    return createTokenManager({ host, runtime: connection.runtime })
  }
  return {
    of(target) {
      const key = targetKey(target)
      const known = managers.get(key) ?? create(target)
      managers.set(key, known)
      return known
    },
  }
}
