import type { HandleHash, Issued, RefreshTokenRecord, RefreshTokenStore, Rotation } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import { type IssuedSteps, lastEnd, type TokenData } from './issued.ts'

type Row = Schema['refresh_tokens']
type Found = readonly [rotatedAt: number | null, expiresAt: number, absoluteExpiresAt: number, data: string]
type RowWithFamily = Omit<Row, 'family_id'> & { readonly revoked_at: number | null; readonly family_end: number | null }
type Rotating = Parameters<RefreshTokenStore['rotate']>

export function sqliteRefreshTokens(
  db: SqliteDatabase,
  families: FamilySteps,
  issuing: IssuedSteps,
): RefreshTokenStore {
  const { find, findWithFamily, mark, rotateCurrent, unused, prolong } = prepare(db)
  function repeats(row: RowWithFamily, { now, graceSeconds }: { now: number; graceSeconds: number }): boolean {
    if (row.rotated_at === null || row.successor_hash === null) return false
    return now < row.rotated_at + graceSeconds && unused.get(row.successor_hash, now) !== undefined
  }
  /** The usual case in one statement: current, of a living family that outlives all that is issued. */
  function rotatesAtOnce([hash, { issued, sealedSuccessor }, { now }]: Rotating): boolean {
    const successor = issued.refreshToken?.hash ?? null
    return rotateCurrent.run(now, successor, sealedSuccessor, hash, lastEnd(issued, now)).changes === 1
  }
  /** Every other case, told apart. */
  function judge([hash, { issued, sealedSuccessor }, at]: Rotating): Rotation {
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
      issuing.write(withoutRefreshToken(issued), { whose, now, familyEnd })
      return { outcome: 'replayed', sealedSuccessor: row.sealed_successor }
    }
    const grounds = whose()
    families.end(grounds, { now, expiresAt: row.absolute_expires_at })
    return { outcome: 'reused', familyId: grounds.familyId }
  }
  return {
    find: (hash) =>
      db.read(() => {
        const row = find.get(hash)
        if (row === undefined) return null
        const [rotatedAt, expiresAt, absoluteExpiresAt, data] = row
        const { grounds, createdAt } = JSON.parse(data) as TokenData
        return { hash, grounds, createdAt, expiresAt, absoluteExpiresAt, rotatedAt }
      }),
    rotate: (...rotating) => {
      const [, { issued }] = rotating
      const written = db.write((): Rotation => {
        if (!rotatesAtOnce(rotating)) return judge(rotating)
        issuing.writeTokens(issued)
        return { outcome: 'rotated' }
      })
      return families.told(written)
    },
    extend: (hash, { issued, expiresAt }, now) =>
      db.write(() => {
        const row = findWithFamily.get(hash)
        if (row === undefined || row.expires_at <= now || row.revoked_at !== null || row.rotated_at !== null) {
          return 'unknown'
        }
        const whose = () => refreshTokenOf(row).grounds
        issuing.write(withoutRefreshToken(issued), { whose, now, familyEnd: row.family_end })
        prolong.run(expiresAt, hash)
        return 'extended'
      }),
  }
}

function withoutRefreshToken({ accessToken, status }: Issued): Issued {
  return { family: null, accessToken, refreshToken: null, status }
}

export function refreshTokenOf(
  row: Pick<Row, 'hash' | 'expires_at' | 'absolute_expires_at' | 'data'>,
): RefreshTokenRecord {
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
  const find = db.prepareList<Found>(
    'select rotated_at, expires_at, absolute_expires_at, data from refresh_tokens where hash = ?',
  )
  const findWithFamily = db.prepare<RowWithFamily>(
    `select hash, rotated_at, successor_hash, sealed_successor, refresh_tokens.expires_at, absolute_expires_at, data,
       revoked_at, families.expires_at as family_end
     from refresh_tokens left join families on families.family_id = refresh_tokens.family_id where hash = ?`,
  )
  const mark = db.prepare(
    'update refresh_tokens set rotated_at = ?, successor_hash = ?, sealed_successor = ? where hash = ?',
  )
  const rotateCurrent = db.prepare(
    `update refresh_tokens set rotated_at = ?1, successor_hash = ?2, sealed_successor = ?3
     where hash = ?4 and rotated_at is null and expires_at > ?1 and exists (
       select 1 from families
       where families.family_id = refresh_tokens.family_id and revoked_at is null and families.expires_at >= ?5)`,
  )
  const unused = db.prepare<{ readonly found: 1 }>(
    'select 1 as found from refresh_tokens where hash = ? and rotated_at is null and expires_at > ?',
  )
  const prolong = db.prepare(
    'update refresh_tokens set expires_at = min(max(expires_at, ?), absolute_expires_at) where hash = ?',
  )
  return { find, findWithFamily, mark, rotateCurrent, unused, prolong }
}
