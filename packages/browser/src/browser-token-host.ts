import type { TokenHost, TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import { catchUp, type Parts } from './parts.ts'
import { type Session, tokensFor, withTokens } from './session.ts'

export interface BrowserTokenHostOptions {
  readonly parts: Pick<Parts, 'holder' | 'tabs' | 'kept' | 'platform' | 'settings'>
  /** Which access token; `targetKey`. */
  readonly key: string
  readonly refresh: (tokens: TokenSet) => Promise<TokenSet>
  /** Called with tokens that arrived after their session was over: nobody may use them. */
  readonly discard: (tokens: TokenSet) => void
}

/** One session for all tabs: renewed under the lock of its family, given to every tab before the lock is let go. */
export function createBrowserTokenHost({ parts, key, refresh, discard }: BrowserTokenHostOptions): TokenHost {
  const { holder, tabs, kept, platform, settings } = parts
  let renewing: Session | null = null

  return {
    async load() {
      const session = holder.current()
      return session === null ? null : tokensFor(session, key)
    },
    async refresh(tokens) {
      renewing = holder.current()
      try {
        return await refresh(tokens)
      } catch (error) {
        // A tab that renewed and told late, or without a lock, has used up our token: hear it before giving up.
        if (error instanceof ProtocolError && error.code === 'refresh_rejected') await catchUp(parts)
        throw error
      }
    },
    async save(tokens) {
      const session = renewing === null ? null : withTokens(renewing, key, tokens)
      if (session === null || !holder.adopt(session)) {
        if (session !== null && holder.ended().has(session.family)) discard(tokens)
        throw new ProtocolError('not_signed_in', 'the session ended while its tokens were being renewed')
      }
      tabs.announce(session)
      await kept.write()
    },
    async end(reason) {
      const family = holder.current()?.family
      if (family === undefined) return
      holder.end(family, reason, true)
      tabs.announceEnd(family, reason)
      await kept.write()
    },
    exclusive(work) {
      const token = () => {
        const session = holder.current()
        return session === null ? null : tokensFor(session, key).accessToken
      }
      const before = token()
      return platform.locks.exclusive(`${settings.name}:renew:${holder.current()?.family}`, async () => {
        // Another token for this very target is news enough; anything else may be stale all the same.
        if (token() === before) await catchUp(parts)
        return work()
      })
    },
  }
}
