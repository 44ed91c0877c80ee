import type { TokenHost, TokenSet } from '@latchkey/client'
import { ofProtocol, ProtocolError } from '@latchkey/protocol'
import type { TokenTarget } from './auth.ts'
import { endSession, type Parts, takeSession } from './parts.ts'
import { type Session, targetKey, tokensFor, withTokens } from './session.ts'

/** One session for all tabs: renewed under the lock of its family, given to every tab before the lock is let go. */
export function createBrowserTokenHost(parts: Parts, target: TokenTarget): TokenHost {
  const { settings, holder, requests, locks, tabs } = parts
  const key = targetKey(target, settings.resource)
  const held = () => heldTokens(parts, target)
  let renewing: Session | null = null

  return {
    load: async () => held(),
    refresh(tokens) {
      renewing = holder.current()
      return renewed(parts, tokens, target)
    },
    async save(tokens) {
      const session = renewing && withTokens(renewing, key, tokens)
      if (session && (await takeSession(parts, session))) return
      const over = session && holder.over.get(session.family)
      // This tab alone is done with the session: the others go on with what came.
      if (over === 'left') tabs.tell(session)
      // Tokens that arrived after their session was over: nobody may use them.
      else if (over && tokens.refreshToken) requests.revoke(tokens.refreshToken, 'refresh_token').catch(() => {})
      throw new ProtocolError('not_signed_in', 'the sign-in is over: sign in again')
    },
    end: (reason) => endSession(parts, holder.current(), reason),
    exclusive(work) {
      const before = held()?.accessToken
      return locks.exclusive(`${settings.name}:renew:${holder.current()?.family}`, async () => {
        // Another token for this very target is news enough; anything else may be stale all the same.
        if (held()?.accessToken === before) await tabs.catchUp()
        return work()
      })
    },
  }
}

/** What is in memory for one target, expired or not. */
export function heldTokens({ settings, holder }: Parts, target: TokenTarget): TokenSet | null {
  const session = holder.current()
  return session && tokensFor(session, targetKey(target, settings.resource))
}

/** By refresh token, or by asking silently where the provider gave none. */
async function renewed(parts: Parts, tokens: TokenSet, target: TokenTarget): Promise<TokenSet> {
  const { resource = parts.settings.resource, scope } = target
  const { tabs, emit } = parts
  emit({ type: 'renewing' })
  try {
    const fresh = await (tokens.refreshToken ? refreshed : asSamePerson)(parts, tokens, { resource, scope })
    emit({ type: 'renewed', resource, expiresAt: fresh.expiresAt })
    return fresh
  } catch (error) {
    // A tab that renewed and told late, or without a lock, has used up our token: hear it before giving up.
    if (ofProtocol(error).code === 'refresh_rejected') await tabs.catchUp()
    emit({ type: 'renewal-failed', error: error as ProtocolError })
    throw error
  }
}

/** How fresh the sign-in was to be is not asked again: in the background nobody could sign in anew. @spec OIDC Core §3.1.2.1 max_age */
async function asSamePerson(parts: Parts, before: TokenSet, target: TokenTarget): Promise<TokenSet> {
  const found = await parts.silent?.ask(parts, { ...target, maxAgeSeconds: null }, target.resource)
  if (found && found.claims?.sub === before.claims?.sub) return { ...found, renewals: before.renewals + 1 }
  throw new ProtocolError('refresh_rejected', 'another person, or nobody, is signed in')
}

/**
 * Where the answer is lost the provider may have rotated all the same: the same token is sent once more, at once, while
 * the provider still answers it with the same successor. @spec RFC 9700 §4.14.2
 */
async function refreshed({ runtime, requests }: Parts, tokens: TokenSet, target: TokenTarget): Promise<TokenSet> {
  try {
    return await requests.refresh(tokens, target)
  } catch (error) {
    const { code, cause } = ofProtocol(error)
    if (code !== 'unreachable' || cause === undefined) throw error
    await new Promise<void>((resolve) => runtime.schedule(0.2 + fraction(runtime) / 2, resolve))
    return requests.refresh(tokens, target)
  }
}

/** A number from 0 to 1. */
export function fraction(runtime: { randomBytes(length: number): Uint8Array }): number {
  return (runtime.randomBytes(1)[0] as number) / 255
}
