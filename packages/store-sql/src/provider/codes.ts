import type { CodeRecord, CodeStore, HandleHash, Issued } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import type { IssuedSteps } from './issued.ts'

type Row = Pick<Schema['codes'], 'consumed_at' | 'expires_at' | 'data'>
type Found = readonly [consumedAt: number | null, data: string]
type RowWithFamily = Row & { readonly revoked_at: number | null; readonly family_end: number | null }

export function sqliteCodes(db: SqliteDatabase, families: FamilySteps, issuing: IssuedSteps): CodeStore {
  const insert = db.prepare(
    `insert into codes (hash, family_id, client_id, sid, consumed_at, expires_at, data)
     values (?, ?, ?, ?, null, ?, ?)`,
  )
  const find = db.prepareList<Found>('select consumed_at, data from codes where hash = ?')
  const findWithFamily = db.prepare<RowWithFamily>(
    `select consumed_at, codes.expires_at, data, revoked_at, families.expires_at as family_end
     from codes left join families on families.family_id = codes.family_id where hash = ?`,
  )
  const consume = db.prepare('update codes set consumed_at = ? where hash = ?')
  const consumeFirst = db.prepare(
    `update codes set consumed_at = ?1 where hash = ?2 and consumed_at is null and expires_at > ?1
       and not exists (select 1 from families where families.family_id = codes.family_id)`,
  )
  function redeem(hash: HandleHash, issued: Issued, now: number): 'redeemed' | 'reused' | 'unknown' {
    const { family } = issued
    // The usual case in one statement: good, and the family begins with it. Every other case is told apart below.
    if (family !== null && consumeFirst.run(now, hash).changes === 1) {
      issuing.write(issued, { whose: () => family, now, familyEnd: null })
      return 'redeemed'
    }
    const row = findWithFamily.get(hash)
    if (row === undefined) return 'unknown'
    const whose = () => codeOf(row).grounds
    if (row.consumed_at !== null) {
      families.end(whose(), { now, expiresAt: row.expires_at })
      return 'reused'
    }
    if (row.expires_at <= now || row.revoked_at !== null) return 'unknown'
    issuing.write(issued, { whose, now, familyEnd: row.family_end })
    consume.run(now, hash)
    return 'redeemed'
  }
  return {
    create: (record) =>
      db.write(() => {
        const { familyId, clientId, sid } = record.grounds
        insert.run(record.hash, familyId, clientId, sid, record.expiresAt, JSON.stringify(record))
      }),
    find: (hash) =>
      db.read(() => {
        const row = find.get(hash)
        if (row === undefined) return null
        const [consumedAt, data] = row
        return { ...codeOf({ data }), consumedAt }
      }),
    redeem: (hash, issued, now) => families.told(db.write(() => redeem(hash, issued, now))),
  }
}

export function codeOf(row: Pick<Row, 'data'>): CodeRecord {
  return JSON.parse(row.data) as CodeRecord
}
