import type { CodeRecord, CodeStore, HandleHash, Issued } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import type { IssuedSteps } from './issued.ts'

type Row = Pick<Schema['codes'], 'consumed_at' | 'expires_at' | 'data'>
type RowWithFamily = Row & { readonly revoked_at: number | null; readonly family_end: number | null }

export function sqliteCodes(db: SqliteDatabase, families: FamilySteps, issuing: IssuedSteps): CodeStore {
  const insert = db.prepare(
    `insert into codes (hash, family_id, client_id, sid, consumed_at, expires_at, data)
     values (?, ?, ?, ?, null, ?, ?)`,
  )
  const find = db.prepare<Row>('select consumed_at, expires_at, data from codes where hash = ?')
  const findWithFamily = db.prepare<RowWithFamily>(
    `select consumed_at, codes.expires_at, data, revoked_at, families.expires_at as family_end
     from codes left join families on families.family_id = codes.family_id where hash = ?`,
  )
  const consume = db.prepare('update codes set consumed_at = ? where hash = ?')
  function redeem(hash: HandleHash, issued: Issued, now: number): 'redeemed' | 'reused' | 'unknown' {
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
        return row === undefined ? null : { ...codeOf(row), consumedAt: row.consumed_at }
      }),
    redeem: (hash, issued, now) => families.told(db.write(() => redeem(hash, issued, now))),
  }
}

export function codeOf(row: Pick<Row, 'data'>): CodeRecord {
  return JSON.parse(row.data) as CodeRecord
}
