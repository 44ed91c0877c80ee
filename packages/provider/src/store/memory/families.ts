import type { FamilyStore, Grounds } from '../store.ts'
import { writeIssued } from './issued.ts'
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
    async revokeSession(sid, now) {
      const ended = [...families.values()].filter((family) => family.sid === sid && endFamily(tables, family, now))
      for (const [hash, code] of codes) if (code.grounds.sid === sid && code.consumedAt === null) codes.delete(hash)
      dropApproved(tables, (grounds) => grounds.sid === sid)
      for (const { familyId, expiresAt } of ended) {
        appendRevocation(tables, { kind: 'family', id: familyId, at: now, expiresAt })
      }
      if (ended.length > 0) {
        const expiresAt = Math.max(...ended.map((family) => family.expiresAt))
        appendRevocation(tables, { kind: 'session', id: sid, at: now, expiresAt })
      }
      return ended.map((family) => family.familyId)
    },
    async revokeSubject(sub, now, expiresAt) {
      const sessions = [...tables.sessions.values()].filter((session) => session.sub === sub)
      for (const { hash } of sessions) tables.sessions.delete(hash)
      for (const [hash, code] of codes) if (code.grounds.sub === sub && code.consumedAt === null) codes.delete(hash)
      dropApproved(tables, (grounds) => grounds.sub === sub)
      const ended = [...families.values()].filter((family) => family.sub === sub && endFamily(tables, family, now))
      for (const family of ended) {
        appendRevocation(tables, { kind: 'family', id: family.familyId, at: now, expiresAt: family.expiresAt })
      }
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

/** What a person approved on another device is on its way, as a code is. */
function dropApproved({ pendingGrants }: Tables, isMeant: (grounds: Grounds) => boolean): void {
  for (const [hash, { decision }] of pendingGrants) {
    if (decision !== null && decision !== 'denied' && isMeant(decision.approved)) pendingGrants.delete(hash)
  }
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
