import { announceLogout } from '../logout/announce-logout.ts'
import type { Parts } from '../parts.ts'

/** Ends what a person has at this provider, tells the feed, and tells the clients that they were signed in to. */
export async function endSubject(parts: Parts, sub: string): Promise<void> {
  const now = Math.floor(parts.runtime.now())
  const ended = await parts.store.families.revokeSubject(sub, now, now + parts.lifetimes.access_token)
  for (const sid of ended) await announceLogout(parts, { sid, sub })
}
