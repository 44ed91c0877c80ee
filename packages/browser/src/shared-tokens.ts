import { createTokenManager, type TokenManager, type TokenSet, type WakeableTokenManager } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { TokenTarget } from './auth.ts'
import { createBrowserTokenHost } from './browser-token-host.ts'
import { given } from './given.ts'
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
  const { platform, settings, requests, holder } = parts
  const { runtime } = platform
  const managers = new Map<string, WakeableTokenManager>()

  function managerOf(target: TokenTarget, key: string): WakeableTokenManager {
    const host = createBrowserTokenHost({
      parts,
      key,
      refresh: (tokens) => renewed(parts, tokens, target),
      discard({ refreshToken }) {
        if (refreshToken !== null) requests.revoke(refreshToken, 'refresh_token').catch(() => false)
      },
    })
    const backOff = (failures: number) =>
      Math.min(2 ** (failures - 2), longestPauseSeconds) * (0.5 + fraction(runtime) / 2)
    const manager = createTokenManager({ host, runtime, backOff })
    managers.set(key, manager)
    return manager
  }

  /** Where another sign-in took the session's place meanwhile, its tokens are the answer. */
  async function orCurrent(work: Promise<TokenSet | null>, manager: TokenManager): Promise<TokenSet | null> {
    try {
      return await work
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'not_signed_in') return manager.get()
      throw error
    }
  }

  return {
    of(target) {
      const key = targetKey(target, settings.resource)
      const manager = managers.get(key) ?? managerOf(target, key)
      return {
        async get(options) {
          await known(options?.signal)
          return orCurrent(manager.get(options), manager)
        },
        async renew(rejected, options) {
          await known(options?.signal)
          return orCurrent(manager.renew(rejected, options), manager)
        },
      }
    },
    current(target) {
      const session = holder.current()
      return session === null ? null : tokensFor(session, targetKey(target, settings.resource))
    },
    wake() {
      for (const manager of managers.values()) manager.wake()
    },
  }
}

/** By refresh token, or by asking silently where the provider gave none. */
async function renewed(parts: Parts, tokens: TokenSet, target: TokenTarget): Promise<TokenSet> {
  const { settings, events, silent } = parts
  const { resource = settings.resource, scope } = target
  const asked = given({ resource, scope })
  events.emit({ type: 'renewing' })
  try {
    const fresh =
      tokens.refreshToken === null ? await asSamePerson(parts, tokens, asked) : await refreshed(parts, tokens, asked)
    events.emit({ type: 'renewed', resource, expiresAt: fresh.expiresAt })
    return fresh
  } catch (error) {
    if (error instanceof ProtocolError) events.emit({ type: 'renewal-failed', error })
    throw error
  }

  async function asSamePerson(from: Parts, before: TokenSet, what: TokenTarget): Promise<TokenSet> {
    const found = (await silent?.ask(from, what)) ?? null
    if (found === null || found.claims?.sub !== before.claims?.sub) {
      throw new ProtocolError('refresh_rejected', 'the provider no longer knows this person here: sign in again')
    }
    return { ...found, renewals: before.renewals + 1 }
  }
}

/**
 * Where the answer is lost the provider may have rotated all the same: the same token is sent once more, at once, while
 * the provider still answers it with the same successor. @spec RFC 9700 §4.14.2
 */
async function refreshed({ requests, platform }: Parts, tokens: TokenSet, target: TokenTarget): Promise<TokenSet> {
  try {
    return await requests.refresh(tokens, target)
  } catch (error) {
    if (!(error instanceof ProtocolError && error.code === 'unreachable') || error.cause === undefined) throw error
    const { runtime } = platform
    await new Promise<void>((resolve) => runtime.schedule(0.2 + fraction(runtime) / 2, resolve))
    return requests.refresh(tokens, target)
  }
}

/** A number from 0 to 1. */
export function fraction(runtime: { randomBytes(length: number): Uint8Array }): number {
  return (runtime.randomBytes(1)[0] ?? 0) / 255
}
