import type { FamilyRecord, FamilyStore, Grounds, Issued, SessionRecord } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import type { IssuedSteps } from './issued.ts'
import { logoutQueue } from './logout-deliveries.ts'
import type { RevocationSteps } from './revocations.ts'

type Row = Schema['families']

/** The steps on families that other verbs take inside their own transaction. */
export interface FamilySteps {
  /** Makes the family's row, or lets it live longer; never brings an ended one back. */
  keep(family: FamilyRecord): void
  /** Ends a family, known or not, and remembers that until `expiresAt` at least; true when it was known and alive. */
  end(whose: Pick<Grounds, 'familyId' | 'clientId' | 'sub' | 'sid'>, at: { now: number; expiresAt: number }): boolean
  /** Resolves with the end of the last of them, or null when none was alive. */
  endOfClient(clientId: string, now: number): number | null
  isEnded(familyId: string): boolean
  /** Tells who wants to hear of what `written` ended. */
  readonly told: RevocationSteps['told']
  readonly note: RevocationSteps['append']
}

export function familySteps(db: SqliteDatabase, revocations: RevocationSteps): FamilySteps {
  const keep = db.prepare(
    `insert into families (family_id, client_id, sub, sid, created_at, expires_at, revoked_at)
     values (?, ?, ?, ?, ?, ?, null)
     on conflict (family_id) do update set expires_at = max(expires_at, excluded.expires_at)`,
  )
  const standing = db.prepare<Pick<Row, 'revoked_at' | 'expires_at'>>(
    'select revoked_at, expires_at from families where family_id = ?',
  )
  const end = db.prepare(
    `insert into families (family_id, client_id, sub, sid, created_at, expires_at, revoked_at)
     values (?, ?, ?, ?, ?, ?, ?)
     on conflict (family_id) do update set
       expires_at = max(expires_at, excluded.expires_at), revoked_at = coalesce(revoked_at, excluded.revoked_at)`,
  )
  const endOfClient = db.prepare<Pick<Row, 'expires_at'>>(
    'update families set revoked_at = ? where client_id = ? and revoked_at is null returning expires_at',
  )
  return {
    keep: (family) => {
      keep.run(family.familyId, family.clientId, family.sub, family.sid, family.createdAt, family.expiresAt)
    },
    end({ familyId, clientId, sub, sid }, { now, expiresAt }) {
      const known = standing.get(familyId)
      const isAlive = (known?.revoked_at ?? null) === null
      if (!isAlive && known !== undefined && known.expires_at >= expiresAt) return false
      end.run(familyId, clientId, sub, sid, now, expiresAt, now)
      const latest = Math.max(known?.expires_at ?? 0, expiresAt)
      revocations.append({ kind: 'family', id: familyId, at: now, expiresAt: latest })
      return known !== undefined && isAlive
    },
    endOfClient(clientId, now) {
      const ends = endOfClient.all(now, clientId).map((row) => row.expires_at)
      return ends.length === 0 ? null : Math.max(...ends)
    },
    told: revocations.told,
    note: revocations.append,
    isEnded: (familyId) => (standing.get(familyId)?.revoked_at ?? null) !== null,
  }
}

export function sqliteFamilies(db: SqliteDatabase, steps: FamilySteps, issuing: IssuedSteps): FamilyStore {
  const find = db.prepare<Row>('select * from families where family_id = ?')
  const holders = db.prepare<{ readonly client_id: string; readonly since: number }>(livingHolders('?', '?'))
  const endSession = sessionEnding(db, steps)
  return {
    find: (familyId) =>
      db.read(() => {
        const row = find.get(familyId)
        return row === undefined ? null : familyOfRow(row)
      }),
    revoke: (familyId, now, expiresAt) =>
      steps.told(db.write(() => steps.end({ familyId, clientId: '', sub: '', sid: null }, { now, expiresAt }))),
    begin: (issued, now) =>
      db.write(() => {
        const grounds = beginningOf(issued)
        if (steps.isEnded(grounds.familyId)) return false
        issuing.write(issued, { whose: () => grounds, now, familyEnd: null })
        return true
      }),
    holders: (sub, now) =>
      db.read(() => holders.all(sub, now).map(({ client_id: clientId, since }) => ({ clientId, since }))),
    revokeSession: (session, now) => steps.told(db.write(() => endSession(session, now))),
    revokeSubject: endOfSubject(db, steps),
    forgetSubject: forgetSubject(db),
  }
}

export function beginningOf(issued: Issued): Pick<Grounds, 'familyId' | 'clientId' | 'sub' | 'sid'> {
  const grounds = issued.family ?? issued.accessToken?.grounds ?? issued.refreshToken?.grounds
  if (grounds === undefined) throw new Error('a family cannot begin with nothing')
  return grounds
}

/** The clients that hold living families of a person. */
export function livingHolders(sub: string, now: string): string {
  return `select client_id, min(created_at) as since from families
    where sub = ${sub} and revoked_at is null and expires_at > ${now} group by client_id order by client_id`
}

/** Ends what one OP session gave out, and has its clients told, inside the caller's transaction; returns the ids of the families. */
export function sessionEnding(
  db: SqliteDatabase,
  steps: FamilySteps,
): (session: Pick<SessionRecord, 'sid' | 'sub'>, now: number) => readonly string[] {
  const queueLogouts = logoutQueue(db)
  const end = db.prepare<Pick<Row, 'family_id' | 'expires_at'>>(
    'update families set revoked_at = ? where sid = ? and revoked_at is null returning family_id, expires_at',
  )
  const drop = [
    'delete from codes where sid = ? and consumed_at is null',
    'delete from pending_grants where sid = ?',
  ].map((sql) => db.prepare(sql))
  return (session, now) => {
    const { sid } = session
    queueLogouts(session, { now })
    for (const statement of drop) statement.run(sid)
    const ended = end.all(now, sid)
    for (const row of ended) {
      steps.note({ kind: 'family', id: row.family_id, at: now, expiresAt: row.expires_at })
    }
    if (ended.length > 0) {
      const expiresAt = Math.max(...ended.map((row) => row.expires_at))
      steps.note({ kind: 'session', id: sid, at: now, expiresAt })
    }
    return ended.map((row) => row.family_id)
  }
}

function endOfSubject(db: SqliteDatabase, steps: FamilySteps): FamilyStore['revokeSubject'] {
  const sessions = db.prepare<Pick<Schema['sessions'], 'data'>>(
    "delete from sessions where json_extract(data, '$.sub') = ? returning data",
  )
  const drop = [
    "delete from codes where consumed_at is null and json_extract(data, '$.grounds.sub') = ?",
    // What was denied is no JSON.
    "delete from pending_grants where case when decision like '{%' then json_extract(decision, '$.sub') end = ?",
  ].map((sql) => db.prepare(sql))
  const end = db.prepare<Pick<Row, 'family_id' | 'expires_at'>>(
    'update families set revoked_at = ? where sub = ? and revoked_at is null returning family_id, expires_at',
  )
  const queueLogouts = logoutQueue(db)
  return (sub, now, expiresAt) =>
    steps.told(
      db.write(() => {
        const gone = sessions.all(sub).map((row) => JSON.parse(row.data) as SessionRecord)
        for (const session of gone) queueLogouts(session, { now })
        for (const statement of drop) statement.run(sub)
        let latest = expiresAt
        for (const row of end.all(now, sub)) {
          steps.note({ kind: 'family', id: row.family_id, at: now, expiresAt: row.expires_at })
          latest = Math.max(latest, row.expires_at)
        }
        steps.note({ kind: 'subject', id: sub, at: now, expiresAt: latest })
        return gone.map((session) => session.sid)
      }),
    )
}

function forgetSubject(db: SqliteDatabase): FamilyStore['forgetSubject'] {
  const theirs = 'family_id in (select family_id from families where sub = ?)'
  const statements = [
    `delete from refresh_tokens where ${theirs}`,
    `delete from access_tokens where ${theirs}`,
    "delete from codes where json_extract(data, '$.grounds.sub') = ?",
    'delete from consents where sub = ?',
  ].map((sql) => db.prepare(sql))
  return (sub) =>
    db.write(() => {
      for (const statement of statements) statement.run(sub)
    })
}

export function familyOfRow(row: Row): FamilyRecord & { readonly revokedAt: number | null } {
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
