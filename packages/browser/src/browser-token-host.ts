import type { TokenHost, TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { Locks } from './platform/platform.ts'
import type { Session } from './session.ts'
import type { SessionHolder } from './session-holder.ts'
import type { Tabs } from './tabs.ts'

export interface BrowserTokenHostOptions {
  readonly holder: SessionHolder
  readonly tabs: Tabs
  readonly locks: Locks
  /** Names the lock that all tabs of this configuration renew under. */
  readonly lockName: string
  readonly refresh: (tokens: TokenSet) => Promise<TokenSet>
  /** Called with tokens that arrived after their session was over: nobody may use them. */
  readonly discard: (tokens: TokenSet) => void
}

/** One token set for all tabs: renewed under one lock, given to every tab before the lock is let go. */
export function createBrowserTokenHost(options: BrowserTokenHostOptions): TokenHost {
  const { holder, tabs, locks, lockName } = options
  let renewing: Session | null = null

  return {
    load: async () => holder.current()?.tokens ?? null,
    async refresh(tokens) {
      renewing = holder.current()
      try {
        return await options.refresh(tokens)
      } catch (error) {
        // A tab that renewed and told late, or without a lock, has used up our token: hear it before giving up.
        if (error instanceof ProtocolError && error.code === 'refresh_rejected') await tabs.catchUp()
        throw error
      }
    },
    async save(tokens) {
      const session = renewing === null ? null : { ...renewing, tokens }
      if (session === null || !holder.adopt(session)) {
        if (session !== null && holder.ended().has(session.family)) options.discard(tokens)
        throw new ProtocolError('not_signed_in', 'the session ended while its tokens were being renewed')
      }
      tabs.announce(session)
    },
    async end(reason) {
      const family = holder.current()?.family
      if (family === undefined) return
      holder.end(family, reason, true)
      tabs.announceEnd(family, reason)
    },
    exclusive(work) {
      const before = holder.current()
      return locks.exclusive(lockName, async () => {
        // A set that changed while we waited is news enough; one that did not may be stale all the same.
        if (holder.current() === before) await tabs.catchUp()
        return work()
      })
    },
  }
}
