import { abortable, createTokenManager, type WakeableTokenManager } from '@latchkey/client'
import { ofProtocol } from '@latchkey/protocol'
import type { TokenTarget } from './auth.ts'
import type { TokenSource } from './auth-part.ts'
import { createBrowserTokenHost, fraction, heldTokens } from './browser-token-host.ts'
import type { Parts } from './parts.ts'
import { targetKey } from './session.ts'
import type { Start } from './start.ts'

/** The tokens of all tabs behind one token manager for each target; null to callers when the session ends under their feet. */
export interface SharedTokens {
  readonly get: TokenSource
  /** The access token in memory while it is valid. */
  peek(target?: TokenTarget): string | null
  /** Pauses after failures are over: the network is back, or the page woke up. */
  wake(): void
}

export function createSharedTokens(parts: Parts, start: Start): SharedTokens {
  const { runtime, settings, holder } = parts
  const isUnknown = () => holder.state.status === 'unknown'
  const managers = new Map<string, WakeableTokenManager>()
  /** After so many failures in a row nobody asks for 1, 2, 4 … seconds, at most 30, half of it at random. */
  const longestPauseSeconds = 30
  const backOff = (failures: number) =>
    Math.min(2 ** (failures - 2), longestPauseSeconds) * (0.5 + fraction(runtime) / 2)

  function managerOf(target: TokenTarget): WakeableTokenManager {
    const key = targetKey(target, settings.resource)
    const manager =
      managers.get(key) ?? createTokenManager({ host: createBrowserTokenHost(parts, target), runtime, backOff })
    managers.set(key, manager)
    return manager
  }

  return {
    peek(target = {}) {
      const held = heldTokens(parts, target)
      return held && held.expiresAt > runtime.now() ? held.accessToken : null
    },
    async get({ forceRenewal, rejected, signal, ...target } = {}) {
      // Nobody is told "nobody" before it is known who is there.
      if (isUnknown()) {
        await abortable(start(), signal).catch((error: unknown) => {
          if (isUnknown()) throw error
        })
      }
      const manager = managerOf(target)
      const refused = rejected ?? (forceRenewal && heldTokens(parts, target)?.accessToken)
      try {
        return await (refused ? manager.renew(refused, { signal }) : manager.get({ signal }))
      } catch (error) {
        // Where another sign-in took the session's place meanwhile, its tokens are the answer.
        if (ofProtocol(error).code === 'not_signed_in') return manager.get()
        throw error
      }
    },
    wake() {
      for (const manager of managers.values()) manager.wake()
    },
  }
}
