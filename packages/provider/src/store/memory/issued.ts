import type { FamilyRecord, Grounds, Issued } from '../store.ts'
import { mustBeFree, writeStatus } from './status-lists.ts'
import { mustBeNew, type Tables } from './tables.ts'

type Whose = Pick<Grounds, 'familyId' | 'clientId' | 'sub' | 'sid'>

/** Writes what one token response brings: all of it, or nothing when a key is taken. */
export function writeIssued(tables: Tables, issued: Issued, at: { grounds: Whose; now: number }): void {
  const { accessToken, refreshToken, status } = issued
  if (accessToken !== null) mustBeNew(tables.accessTokens, accessToken.hash)
  if (refreshToken !== null) mustBeNew(tables.refreshTokens, refreshToken.hash)
  if (status !== undefined) mustBeFree(tables, status)
  keepFamily(tables, familyOf(issued, at))
  if (status !== undefined) writeStatus(tables, status)
  if (accessToken !== null) tables.accessTokens.set(accessToken.hash, accessToken)
  if (refreshToken !== null) {
    tables.refreshTokens.set(refreshToken.hash, {
      ...refreshToken,
      rotatedAt: null,
      successorHash: null,
      sealedSuccessor: null,
    })
  }
}

/** The family's row, which is remembered as long as any of the tokens: its end must outlast them all. */
function familyOf(issued: Issued, { grounds, now }: { grounds: Whose; now: number }): FamilyRecord {
  const { familyId, clientId, sub, sid } = grounds
  const expiresAt = Math.max(
    issued.family?.expiresAt ?? now,
    issued.accessToken?.expiresAt ?? now,
    issued.refreshToken?.absoluteExpiresAt ?? now,
  )
  return { ...(issued.family ?? { familyId, clientId, sub, sid, createdAt: now }), expiresAt }
}

/** A family that is known already only lives longer: it is never brought back. */
function keepFamily({ families }: Tables, family: FamilyRecord): void {
  const known = families.get(family.familyId)
  families.set(
    family.familyId,
    known === undefined
      ? { ...family, revokedAt: null }
      : { ...known, expiresAt: Math.max(known.expiresAt, family.expiresAt) },
  )
}
