import type { FamilyStore, Grounds } from '../store.ts'
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
    async revokeSession(sid, now) {
      const ended = [...families.values()].filter((family) => family.sid === sid && endFamily(tables, family, now))
      for (const [hash, code] of codes) if (code.grounds.sid === sid && code.consumedAt === null) codes.delete(hash)
      return ended.map((family) => family.familyId)
    },
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
