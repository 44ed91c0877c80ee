import { createTokenManager, type TokenManager, type TokenSet, type WakeableTokenManager } from '@latchkey/client'
import type { TokenTarget } from './auth.ts'
import { codeOf, createBrowserTokenHost, fraction } from './browser-token-host.ts'
import type { Parts } from './parts.ts'
import { targetKey, tokensFor } from './session.ts'
import type { Start } from './start.ts'

/** The tokens of all tabs behind one token manager for each target; null to callers when the session ends under their feet. */
export interface SharedTokens {
  of(target: TokenTarget): TokenManager
  /** What is in memory, expired or not. */
  current(target: TokenTarget): TokenSet | null
  /** Pauses after failures are over: the network is back, or the page woke up. */
  wake(): void
}

/** After so many failures in a row nobody asks for 1, 2, 4 … seconds, at most 30, half of it at random. */
const longestPauseSeconds = 30

export function createSharedTokens(parts: Parts, known: Start['known']): SharedTokens {
  const { platform, settings, holder } = parts
  const { runtime } = platform
  const managers = new Map<string, WakeableTokenManager>()
  const backOff = (failures: number) =>
    Math.min(2 ** (failures - 2), longestPauseSeconds) * (0.5 + fraction(runtime) / 2)

  return {
    of(target) {
      const key = targetKey(target, settings.resource)
      const manager =
        managers.get(key) ?? createTokenManager({ host: createBrowserTokenHost(parts, target), runtime, backOff })
      managers.set(key, manager)
      /** Where another sign-in took the session's place meanwhile, its tokens are the answer. */
      const once = async (signal: AbortSignal | undefined, work: () => Promise<TokenSet | null>) => {
        await known(signal)
        return work().catch((error: unknown) => {
          if (codeOf(error) === 'not_signed_in') return manager.get()
          throw error
        })
      }
      return {
        get: (options) => once(options?.signal, () => manager.get(options)),
        renew: (rejected, options) => once(options?.signal, () => manager.renew(rejected, options)),
      }
    },
    current(target) {
      const session = holder.current()
      return session && tokensFor(session, targetKey(target, settings.resource))
    },
    wake() {
      for (const manager of managers.values()) manager.wake()
    },
  }
}
