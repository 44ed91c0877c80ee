import type { AllowedDetail, ConsentRecord, ConsentStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { FamilySteps } from './families.ts'
import { logoutQueue } from './logout-deliveries.ts'

type Row = Schema['consents']
/** Of one client; the newest. */
export const mostAllowedDetails = 20

type Ended = Pick<Schema['families'], 'family_id' | 'sid' | 'expires_at'>

export function sqliteConsents(db: SqliteDatabase, steps: FamilySteps): ConsentStore {
  const find = db.prepare<Row>('select * from consents where sub = ? and client_id = ?')
  const list = db.prepare<Row>('select * from consents where sub = ? order by client_id')
  const keep = db.prepare(
    `insert into consents (sub, client_id, permissions, granted_at, details) values (?, ?, ?, ?, ?)
     on conflict (sub, client_id) do update set permissions = excluded.permissions, details = excluded.details`,
  )
  return {
    find: (sub, clientId) =>
      db.read(() => {
        const row = find.get(sub, clientId)
        return row === undefined ? [] : consentOf(row).permissions
      }),
    list: (sub) => db.read(() => list.all(sub).map(consentOf)),
    grant: (sub, clientId, { permissions, details = [] }, now) =>
      db.write(() => {
        const row = find.get(sub, clientId)
        const before = row === undefined ? { permissions: [], details: [] } : consentOf(row)
        const union = [...new Set([...before.permissions, ...permissions])]
        const added = details.map((detail) => ({ detail, at: Math.floor(now) }))
        const kept = [...before.details, ...added].slice(-mostAllowedDetails)
        keep.run(sub, clientId, JSON.stringify(union), now, kept.length === 0 ? null : JSON.stringify(kept))
      }),
    withdraw: withdrawal(db, steps),
  }
}

function withdrawal(db: SqliteDatabase, steps: FamilySteps): ConsentStore['withdraw'] {
  const remove = db.prepare('delete from consents where sub = ? and client_id = ?')
  const drop = [
    "delete from codes where json_extract(data, '$.grounds.sub') = ? and client_id = ? and consumed_at is null",
    // What was denied is no JSON.
    "delete from pending_grants where case when decision like '{%' then json_extract(decision, '$.sub') end = ? and client_id = ?",
  ].map((sql) => db.prepare(sql))
  const end = db.prepare<Ended>(
    `update families set revoked_at = ? where sub = ? and client_id = ? and revoked_at is null
     returning family_id, sid, expires_at`,
  )
  const living = db.prepare<{ readonly sid: string }>(
    "select json_extract(data, '$.sid') as sid from sessions where json_extract(data, '$.sub') = ? and expires_at > ?",
  )
  const queueLogouts = logoutQueue(db)
  return (sub, clientId, now) =>
    steps.told(
      db.write(() => {
        const hadConsent = remove.run(sub, clientId).changes === 1
        for (const statement of drop) statement.run(sub, clientId)
        const ended = end.all(now, sub, clientId)
        for (const { family_id: id, expires_at: expiresAt } of ended) {
          steps.note({ kind: 'family', id, at: now, expiresAt })
        }
        if (hadConsent || ended.length > 0) {
          const sids = new Set([...living.all(sub, now), ...ended].map((row) => row.sid))
          for (const sid of sids) if (sid !== null) queueLogouts({ sid, sub }, { now, only: clientId })
        }
        return { hadConsent, ended: ended.map(({ family_id: familyId, sid }) => ({ familyId, sid })) }
      }),
    )
}

export function consentOf(row: Row): ConsentRecord {
  return {
    clientId: row.client_id,
    permissions: JSON.parse(row.permissions) as readonly string[],
    details: row.details === null ? [] : (JSON.parse(row.details) as readonly AllowedDetail[]),
    grantedAt: row.granted_at,
  }
}
