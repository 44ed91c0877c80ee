import type { AccessTokenRecord, FamilyRecord, Grounds, Issued, RefreshTokenRecord } from '@latchkey/provider'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import { statusSteps } from './status-lists.ts'

type Whose = Pick<Grounds, 'familyId' | 'clientId' | 'sub' | 'sid'>

export interface IssuedSteps {
  /** Writes what one token response brings. `familyEnd` is when the family's known row ends, or null when there is none. */
  write(issued: Issued, at: { grounds: Whose; now: number; familyEnd: number | null }): void
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
  return {
    insertAccessToken,
    write(issued, { grounds, now, familyEnd }) {
      const family = familyOf(issued, { grounds, now })
      if (familyEnd === null || familyEnd < family.expiresAt) families.keep(family)
      if (issued.accessToken !== null) insertAccessToken(issued.accessToken, null)
      if (issued.status !== undefined) enter(issued.status)
      if (issued.refreshToken === null) return
      const { hash, expiresAt, absoluteExpiresAt } = issued.refreshToken
      const { familyId } = issued.refreshToken.grounds
      refreshToken.run(hash, familyId, expiresAt, absoluteExpiresAt, dataOf(issued.refreshToken))
    },
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

/** What of a token is only handed back. */
export interface TokenData {
  readonly grounds: Grounds
  readonly createdAt: number
}

function dataOf({ grounds, createdAt }: AccessTokenRecord | RefreshTokenRecord): string {
  return JSON.stringify({ grounds, createdAt } satisfies TokenData)
}
