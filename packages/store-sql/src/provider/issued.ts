import type { AccessTokenRecord, FamilyRecord, Grounds, Issued, RefreshTokenRecord } from '@latchkey/provider'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import { statusSteps } from './status-lists.ts'

type Whose = Pick<Grounds, 'familyId' | 'clientId' | 'sub' | 'sid'>

export interface IssuedSteps {
  /**
   * Writes what one token response brings. `familyEnd` is when the family's known row ends, or null when there is none;
   * `whose` is asked only where that row has to be written and nothing issued names its family.
   */
  write(issued: Issued, at: { whose: () => Whose; now: number; familyEnd: number | null }): void
  /** The same where the family's row is known to end after all that is issued. */
  writeTokens(issued: Issued): void
  insertAccessToken(token: AccessTokenRecord, loneClientId: string | null): void
}

export function issuedSteps(db: SqliteDatabase, families: FamilySteps): IssuedSteps {
  const accessToken = db.prepare(
    'insert into access_tokens (hash, family_id, lone_client_id, expires_at, data) values (?, ?, ?, ?, ?)',
  )
  const refreshToken = db.prepare(
    `insert into refresh_tokens (hash, family_id, rotated_at, successor_hash, sealed_successor, expires_at,
       absolute_expires_at, data) values (?, ?, null, null, null, ?, ?, ?)`,
  )
  const { enter } = statusSteps(db)
  function insertAccessToken(token: AccessTokenRecord, loneClientId: string | null): void {
    accessToken.run(token.hash, token.grounds.familyId, loneClientId, token.expiresAt, dataOf(token))
  }
  function writeTokens(issued: Issued): void {
    if (issued.accessToken !== null) insertAccessToken(issued.accessToken, null)
    if (issued.status !== undefined) enter(issued.status)
    if (issued.refreshToken === null) return
    const { hash, expiresAt, absoluteExpiresAt } = issued.refreshToken
    const { familyId } = issued.refreshToken.grounds
    refreshToken.run(hash, familyId, expiresAt, absoluteExpiresAt, dataOf(issued.refreshToken))
  }
  return {
    insertAccessToken,
    writeTokens,
    write(issued, { whose, now, familyEnd }) {
      const end = lastEnd(issued, now)
      if (familyEnd === null || familyEnd < end) families.keep(familyOf(issued, { whose, now, end }))
      writeTokens(issued)
    },
  }
}

/** The family's row is remembered as long as any of the tokens. */
export function lastEnd({ family, accessToken, refreshToken }: Issued, now: number): number {
  return Math.max(family?.expiresAt ?? now, accessToken?.expiresAt ?? now, refreshToken?.absoluteExpiresAt ?? now)
}

function familyOf(issued: Issued, { whose, now, end }: { whose: () => Whose; now: number; end: number }): FamilyRecord {
  if (issued.family !== null) return { ...issued.family, expiresAt: end }
  const { familyId, clientId, sub, sid } = whose()
  return { familyId, clientId, sub, sid, createdAt: now, expiresAt: end }
}

/** What of a token is only handed back. */
export interface TokenData {
  readonly grounds: Grounds
  readonly createdAt: number
}

function dataOf({ grounds, createdAt }: AccessTokenRecord | RefreshTokenRecord): string {
  return JSON.stringify({ grounds, createdAt } satisfies TokenData)
}
