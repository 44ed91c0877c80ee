import type { FamilyRecord, FamilyStore, Grounds } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

type Row = Schema['families']

/** The steps on families that other verbs take inside their own transaction. */
export interface FamilySteps {
  /** Makes the family's row, or lets it live longer; never brings an ended one back. */
  keep(family: FamilyRecord): void
  /** Ends a family, known or not, and remembers that until `expiresAt` at least; true when it was known and alive. */
  end(whose: Pick<Grounds, 'familyId' | 'clientId' | 'sub' | 'sid'>, at: { now: number; expiresAt: number }): boolean
  endOfClient(clientId: string, now: number): void
  isEnded(familyId: string): boolean
}

export function familySteps(db: SqliteDatabase): FamilySteps {
  const keep = db.prepare(
    `insert into families (family_id, client_id, sub, sid, created_at, expires_at, revoked_at)
     values (?, ?, ?, ?, ?, ?, null)
     on conflict (family_id) do update set expires_at = max(expires_at, excluded.expires_at)`,
  )
  const revocation = db.prepare<Pick<Row, 'revoked_at'>>('select revoked_at from families where family_id = ?')
  const end = db.prepare(
    `insert into families (family_id, client_id, sub, sid, created_at, expires_at, revoked_at)
     values (?, ?, ?, ?, ?, ?, ?)
     on conflict (family_id) do update set
       expires_at = max(expires_at, excluded.expires_at), revoked_at = coalesce(revoked_at, excluded.revoked_at)`,
  )
  const endOfClient = db.prepare('update families set revoked_at = ? where client_id = ? and revoked_at is null')
  return {
    keep: (family) => {
      keep.run(family.familyId, family.clientId, family.sub, family.sid, family.createdAt, family.expiresAt)
    },
    end({ familyId, clientId, sub, sid }, { now, expiresAt }) {
      const known = revocation.get(familyId)
      end.run(familyId, clientId, sub, sid, now, expiresAt, now)
      return known !== undefined && known.revoked_at === null
    },
    endOfClient: (clientId, now) => {
      endOfClient.run(now, clientId)
    },
    isEnded: (familyId) => (revocation.get(familyId)?.revoked_at ?? null) !== null,
  }
}

export function sqliteFamilies(db: SqliteDatabase, steps: FamilySteps): FamilyStore {
  const find = db.prepare<Row>('select * from families where family_id = ?')
  const endOfSession = db.prepare<Pick<Row, 'family_id'>>(
    'update families set revoked_at = ? where sid = ? and revoked_at is null returning family_id',
  )
  const dropCodes = db.prepare('delete from codes where sid = ? and consumed_at is null')
  return {
    find: (familyId) =>
      db.read(() => {
        const row = find.get(familyId)
        return row === undefined ? null : familyOfRow(row)
      }),
    revoke: (familyId, now, expiresAt) =>
      db.write(() => steps.end({ familyId, clientId: '', sub: '', sid: null }, { now, expiresAt })),
    revokeSession: (sid, now) =>
      db.write(() => {
        dropCodes.run(sid)
        return endOfSession.all(now, sid).map((row) => row.family_id)
      }),
  }
}

function familyOfRow(row: Row): FamilyRecord & { readonly revokedAt: number | null } {
  return {
    familyId: row.family_id,
    clientId: row.client_id,
    sub: row.sub,
    sid: row.sid,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  }
}
