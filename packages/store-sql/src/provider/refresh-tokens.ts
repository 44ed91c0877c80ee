import type { HandleHash, RefreshTokenRecord, RefreshTokenStore, Rotation } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import type { IssuedSteps, TokenData } from './issued.ts'

type Row = Omit<Schema['refresh_tokens'], 'family_id'>
type RowWithFamily = Row & { readonly revoked_at: number | null; readonly family_end: number | null }

export function sqliteRefreshTokens(
  db: SqliteDatabase,
  families: FamilySteps,
  issuing: IssuedSteps,
): RefreshTokenStore {
  const { find, findWithFamily, mark, unused, prolong } = prepare(db)
  function repeats(row: RowWithFamily, { now, graceSeconds }: { now: number; graceSeconds: number }): boolean {
    if (row.rotated_at === null || row.successor_hash === null) return false
    return now < row.rotated_at + graceSeconds && unused.get(row.successor_hash, now) !== undefined
  }
  return {
    find: (hash) =>
      db.read(() => {
        const row = find.get(hash)
        return row === undefined ? null : { ...refreshTokenOf(row), rotatedAt: row.rotated_at }
      }),
    rotate: (hash, { issued, sealedSuccessor }, at) => {
      const written = db.write((): Rotation => {
        const { now } = at
        const row = findWithFamily.get(hash)
        if (row === undefined || row.expires_at <= now || row.revoked_at !== null) return { outcome: 'unknown' }
        const whose = () => refreshTokenOf(row).grounds
        const familyEnd = row.family_end
        if (row.rotated_at === null) {
          issuing.write(issued, { whose, now, familyEnd })
          mark.run(now, issued.refreshToken?.hash ?? null, sealedSuccessor, hash)
          return { outcome: 'rotated' }
        }
        if (repeats(row, at) && row.sealed_successor !== null) {
          const { accessToken, status } = issued
          issuing.write({ family: null, accessToken, refreshToken: null, status }, { whose, now, familyEnd })
          return { outcome: 'replayed', sealedSuccessor: row.sealed_successor }
        }
        const grounds = whose()
        families.end(grounds, { now, expiresAt: row.absolute_expires_at })
        return { outcome: 'reused', familyId: grounds.familyId }
      })
      return families.told(written)
    },
    extend: (hash, { issued: { accessToken, status }, expiresAt }, now) =>
      db.write(() => {
        const row = findWithFamily.get(hash)
        if (row === undefined || row.expires_at <= now || row.revoked_at !== null || row.rotated_at !== null) {
          return 'unknown'
        }
        const renewed = { family: null, accessToken, refreshToken: null, status }
        issuing.write(renewed, { whose: () => refreshTokenOf(row).grounds, now, familyEnd: row.family_end })
        prolong.run(expiresAt, hash)
        return 'extended'
      }),
  }
}

export function refreshTokenOf(row: Row): RefreshTokenRecord {
  const { grounds, createdAt } = JSON.parse(row.data) as TokenData
  return {
    hash: row.hash as HandleHash,
    grounds,
    createdAt,
    expiresAt: row.expires_at,
    absoluteExpiresAt: row.absolute_expires_at,
  }
}

function prepare(db: SqliteDatabase) {
  const find = db.prepare<Row>('select * from refresh_tokens where hash = ?')
  const findWithFamily = db.prepare<RowWithFamily>(
    `select hash, rotated_at, successor_hash, sealed_successor, refresh_tokens.expires_at, absolute_expires_at, data,
       revoked_at, families.expires_at as family_end
     from refresh_tokens left join families on families.family_id = refresh_tokens.family_id where hash = ?`,
  )
  const mark = db.prepare(
    'update refresh_tokens set rotated_at = ?, successor_hash = ?, sealed_successor = ? where hash = ?',
  )
  const unused = db.prepare<{ readonly found: 1 }>(
    'select 1 as found from refresh_tokens where hash = ? and rotated_at is null and expires_at > ?',
  )
  const prolong = db.prepare(
    'update refresh_tokens set expires_at = min(max(expires_at, ?), absolute_expires_at) where hash = ?',
  )
  return { find, findWithFamily, mark, unused, prolong }
}
