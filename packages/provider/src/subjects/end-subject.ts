import type { ProviderEvent } from '../events.ts'
import type { Parts } from '../parts.ts'

/** Who ends or deletes somebody: the `sub` of an administrator, where there is one. */
export interface EndedBy {
  readonly actor?: string
  /** Of the request that it comes of; the trail names what the provider did where there is none. */
  readonly requestId?: string
}

/** Ends what a person has at this provider, tells the feed, and tells the clients that they were signed in to. */
export async function endSubject(parts: Parts, sub: string, by: EndedBy = {}): Promise<void> {
  await end(parts, sub, [{ type: 'subject.ended', at: parts.runtime.now(), requestId: 'end subject', sub, ...by }])
  await parts.audit.settled()
}

/**
 * Deletes a person's account, ends everything they have, and deletes what it left behind. Broken off, it may be called
 * again; it also cleans up behind an account that is gone already.
 * @returns whether there was an account
 */
export async function deleteSubject(parts: Parts, sub: string, by: EndedBy = {}): Promise<boolean> {
  // The account first, so that nobody signs in again meanwhile.
  const wasThere = (await parts.accounts.remove?.(sub)) ?? false
  await end(parts, sub, [])
  const event: ProviderEvent = {
    type: 'subject.deleted',
    at: parts.runtime.now(),
    requestId: 'delete subject',
    sub,
    ...by,
  }
  await parts.tellOf(
    () => parts.store.families.forgetSubject(sub),
    () => [event],
  )
  await parts.audit.settled()
  return wasThere
}

async function end(parts: Parts, sub: string, events: readonly ProviderEvent[]): Promise<void> {
  const now = Math.floor(parts.runtime.now())
  await parts.tellOf(
    () => parts.store.families.revokeSubject(sub, now, now + parts.lifetimes.access_token),
    () => events,
  )
  parts.logoutWork.announce()
}
