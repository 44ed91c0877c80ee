import type { ProviderEvent } from '../events.ts'
import type { Locale } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import type { SessionRecord } from '../store/store.ts'
import type { EndedBy } from '../subjects/end-subject.ts'
import { type HeldAccess, heldAccess } from './held-access.ts'

export type { HeldAccess }

/** A browser in which a person is signed in. */
export interface PersonSession extends Pick<SessionRecord, 'sid' | 'amr' | 'device' | 'expiresAt'> {
  /** Epoch seconds. */
  readonly startedAt: number
  /** Epoch seconds; within five minutes. */
  readonly usedAt: number
  /** The applications that were opened in it, as people know them. */
  readonly applications: readonly string[]
}

export type WhichSessions = { readonly only: string } | { readonly except: string }

/** Sees and takes back what hangs on a person; `by` names an administrator who does it for them. */
export interface PeopleControl {
  accessOf(sub: string, locale?: Locale): Promise<readonly HeldAccess[]>
  /**
   * Takes back what a person allowed an application, ends every token that it holds in their name, and tells it that they
   * are signed out; false when it had nothing.
   */
  withdrawAccess(sub: string, clientId: string, by?: EndedBy): Promise<boolean>
  /** Last used first. */
  sessionsOf(sub: string): Promise<readonly PersonSession[]>
  /** Signs a person out of one browser, or of all but one, and tells the applications; resolves with how many it were. */
  endSessions(sub: string, which: WhichSessions, by?: EndedBy): Promise<number>
}

export function createPeopleControl(parts: Parts): PeopleControl {
  return {
    accessOf: (sub, locale = 'en') => heldAccess(parts, sub, locale),
    withdrawAccess: (sub, clientId, by = {}) => withdrawAccess(parts, { sub, clientId, by }),
    sessionsOf: (sub) => sessionsOf(parts, sub),
    endSessions: (sub, which, by = {}) => endSessions(parts, { sub, which, by }),
  }
}

async function withdrawAccess(
  parts: Parts,
  { sub, clientId, by }: { sub: string; clientId: string; by: EndedBy },
): Promise<boolean> {
  const at = parts.runtime.now()
  const { hadConsent, ended } = await parts.tellOf(
    () => parts.store.consents.withdraw(sub, clientId, Math.floor(at)),
    ({ hadConsent: had, ended: gone }): readonly ProviderEvent[] => {
      if (!had && gone.length === 0) return []
      const detail = gone.length === 1 ? '1 grant ended' : `${gone.length} grants ended`
      return [{ type: 'consent.withdrawn', at, requestId: 'withdraw access', clientId, sub, detail, ...by }]
    },
  )
  if (!hadConsent && ended.length === 0) return false
  parts.logoutWork.announce()
  await parts.audit.settled()
  return true
}

async function sessionsOf(parts: Parts, sub: string): Promise<readonly PersonSession[]> {
  const records = await parts.store.sessions.list(sub, parts.runtime.now())
  const sessions = await Promise.all(
    records.map(async ({ sid, amr, device, authTime, startedAt = authTime, usedAt = authTime, expiresAt }) => ({
      sid,
      amr,
      ...(device === undefined ? {} : { device }),
      startedAt,
      usedAt,
      expiresAt,
      applications: await applicationsOf(parts, sid),
    })),
  )
  return sessions.sort((a, b) => b.usedAt - a.usedAt)
}

async function applicationsOf({ store, everyClient }: Parts, sid: string): Promise<readonly string[]> {
  const clientIds = await store.sessions.clientsOf(sid)
  const names = clientIds.map(async (clientId) => {
    try {
      return (await everyClient.find(clientId))?.metadata.client_name ?? clientId
    } catch {
      return clientId
    }
  })
  return (await Promise.all(names)).sort()
}

async function endSessions(
  parts: Parts,
  { sub, which, by }: { sub: string; which: WhichSessions; by: EndedBy },
): Promise<number> {
  const at = parts.runtime.now()
  const event: ProviderEvent = {
    type: 'session.ended',
    at,
    requestId: 'end sessions',
    sub,
    detail: 'signed out from elsewhere',
    ...by,
  }
  const ended = await parts.tellOf(
    () => parts.store.sessions.endOf(sub, which, Math.floor(at)),
    (sids) => sids.map(() => event),
  )
  if (ended.length === 0) return 0
  parts.logoutWork.announce()
  await parts.audit.settled()
  return ended.length
}
