import type { FamilyStore, Grounds, SessionRecord } from '../store.ts'
import { writeIssued } from './issued.ts'
import { queueLogouts } from './logout-deliveries.ts'
import { appendRevocation } from './revocations.ts'
import type { StoredFamily, Tables } from './tables.ts'

export function memoryFamilies(tables: Tables): FamilyStore {
  const { families, codes } = tables
  return {
    async find(familyId) {
      return families.get(familyId) ?? null
    },
    async revoke(familyId, now, expiresAt) {
      return rememberEnded(tables, { familyId, clientId: '', sub: '', sid: null }, { now, expiresAt })
    },
    async begin(issued, now) {
      const grounds = issued.family ?? issued.accessToken?.grounds ?? issued.refreshToken?.grounds
      if (grounds === undefined) throw new Error('a family cannot begin with nothing')
      if (isEnded(tables, grounds.familyId)) return false
      writeIssued(tables, issued, { grounds, now })
      return true
    },
    async holders(sub, now) {
      const alive = [...families.values()].filter(
        (family) => family.sub === sub && family.revokedAt === null && family.expiresAt > now,
      )
      const since = new Map<string, number>()
      for (const { clientId, createdAt } of alive)
        since.set(clientId, Math.min(since.get(clientId) ?? createdAt, createdAt))
      return [...since].sort(([a], [b]) => (a < b ? -1 : 1)).map(([clientId, at]) => ({ clientId, since: at }))
    },
    async revokeSession(session, now) {
      return endSession(tables, session, now)
    },
    async revokeSubject(sub, now, expiresAt) {
      const sessions = [...tables.sessions.values()].filter((session) => session.sub === sub)
      for (const session of sessions) {
        tables.sessions.delete(session.hash)
        queueLogouts(tables, session, { now })
      }
      dropOnTheWay(tables, (grounds) => grounds.sub === sub)
      const ended = endFamilies(tables, (family) => family.sub === sub, now)
      const end = Math.max(expiresAt, ...ended.map((family) => family.expiresAt))
      appendRevocation(tables, { kind: 'subject', id: sub, at: now, expiresAt: end })
      return sessions.map((session) => session.sid)
    },
    async forgetSubject(sub) {
      for (const table of [tables.refreshTokens, tables.accessTokens, codes]) {
        for (const [hash, { grounds }] of table) if (grounds.sub === sub) table.delete(hash)
      }
      for (const [key, consent] of tables.consents) if (consent.sub === sub) tables.consents.delete(key)
    },
  }
}

type Whose = Pick<Grounds, 'clientId' | 'sub' | 'sid'>

/** Takes away codes and what a person approved on another device: both are on their way to a family. */
export function dropOnTheWay({ codes, pendingGrants }: Tables, isMeant: (whose: Whose) => boolean): void {
  for (const [hash, { grounds, consumedAt }] of codes) {
    if (consumedAt === null && isMeant(grounds)) codes.delete(hash)
  }
  for (const [hash, { decision }] of pendingGrants) {
    if (decision !== null && decision !== 'denied' && isMeant(decision.approved)) pendingGrants.delete(hash)
  }
}

/** Ends those that are alive, and tells the log of each; returns them. */
export function endFamilies(tables: Tables, isMeant: (whose: Whose) => boolean, now: number): readonly StoredFamily[] {
  const ended = [...tables.families.values()].filter((family) => isMeant(family) && endFamily(tables, family, now))
  for (const { familyId, expiresAt } of ended) {
    appendRevocation(tables, { kind: 'family', id: familyId, at: now, expiresAt })
  }
  return ended
}

/** Ends what one OP session gave out, and has its clients told; returns the ids of the families. */
export function endSession(
  tables: Tables,
  session: Pick<SessionRecord, 'sid' | 'sub'>,
  now: number,
): readonly string[] {
  const { sid } = session
  queueLogouts(tables, session, { now })
  const isMeant = (whose: Whose) => whose.sid === sid
  dropOnTheWay(tables, isMeant)
  const ended = endFamilies(tables, isMeant, now)
  if (ended.length > 0) {
    const expiresAt = Math.max(...ended.map((family) => family.expiresAt))
    appendRevocation(tables, { kind: 'session', id: sid, at: now, expiresAt })
  }
  return ended.map((family) => family.familyId)
}

/** Ends a known family; false when it had ended before. */
export function endFamily({ families }: Tables, family: StoredFamily, now: number): boolean {
  if (family.revokedAt !== null) return false
  families.set(family.familyId, { ...family, revokedAt: now })
  return true
}

/** Ends a family, known or not, and remembers that until `expiresAt` at least; true when it was known and alive. */
export function rememberEnded(
  tables: Tables,
  whose: Pick<Grounds, 'familyId' | 'clientId' | 'sub' | 'sid'>,
  { now, expiresAt }: { now: number; expiresAt: number },
): boolean {
  const known = tables.families.get(whose.familyId)
  const { familyId, clientId, sub, sid } = known ?? whose
  if ((known?.revokedAt ?? null) === null || (known?.expiresAt ?? 0) < expiresAt) {
    const end = Math.max(known?.expiresAt ?? 0, expiresAt)
    appendRevocation(tables, { kind: 'family', id: familyId, at: now, expiresAt: end })
  }
  tables.families.set(familyId, {
    familyId,
    clientId,
    sub,
    sid,
    createdAt: known?.createdAt ?? now,
    expiresAt: Math.max(known?.expiresAt ?? 0, expiresAt),
    revokedAt: known?.revokedAt ?? now,
  })
  return known !== undefined && known.revokedAt === null
}

export function isEnded({ families }: Tables, familyId: string): boolean {
  return (families.get(familyId)?.revokedAt ?? null) !== null
}
