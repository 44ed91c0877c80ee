import type { HandleHash, InteractionRecord, InteractionStore, SessionRecord, SessionStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import { type FamilySteps, sessionEnding } from './families.ts'

export function sqliteInteractions(db: SqliteDatabase): InteractionStore {
  type Row = Pick<Schema['interactions'], 'session_hash' | 'data'>
  const insert = db.prepare('insert into interactions (hash, session_hash, expires_at, data) values (?, ?, ?, ?)')
  const find = db.prepare<Row>('select session_hash, data from interactions where hash = ? and expires_at > ?')
  const recordSignIn = db.prepare('update interactions set session_hash = ? where hash = ? and expires_at > ?')
  const consume = db.prepare<Row>(
    'delete from interactions where hash = ? and expires_at > ? returning session_hash, data',
  )
  function interactionOf(row: Row | undefined): InteractionRecord | null {
    if (row === undefined) return null
    return { ...(JSON.parse(row.data) as InteractionRecord), sessionHash: row.session_hash as HandleHash | null }
  }
  return {
    create: (record) =>
      db.write(() => {
        insert.run(record.hash, record.sessionHash, record.expiresAt, JSON.stringify(record))
      }),
    find: (hash, now) => db.read(() => interactionOf(find.get(hash, now))),
    recordSignIn: (hash, sessionHash, now) => db.write(() => recordSignIn.run(sessionHash, hash, now).changes === 1),
    consume: (hash, now) => db.write(() => interactionOf(consume.get(hash, now))),
  }
}

export function sqliteSessions(db: SqliteDatabase, steps: FamilySteps): SessionStore {
  type Row = Pick<Schema['sessions'], 'data'>
  const insert = db.prepare('insert into sessions (hash, expires_at, data) values (?, ?, ?)')
  const find = db.prepare<Row>('select data from sessions where hash = ? and expires_at > ?')
  const remove = db.prepare<Row>('delete from sessions where hash = ? returning data')
  const list = db.prepare<Row>("select data from sessions where json_extract(data, '$.sub') = ? and expires_at > ?")
  const use = db.prepare(
    "update sessions set data = json_set(data, '$.usedAt', max(coalesce(json_extract(data, '$.usedAt'), 0), ?)) where hash = ?",
  )
  const noteClient = db.prepare(
    `insert into session_clients (sid, client_id, expires_at) values (?, ?, ?)
     on conflict (sid, client_id) do update set expires_at = max(expires_at, excluded.expires_at)`,
  )
  const clientsOf = db.prepare<Pick<Schema['session_clients'], 'client_id'>>(
    'select client_id from session_clients where sid = ? order by client_id',
  )
  const sessionOf = (row: Row | undefined): SessionRecord | null =>
    row === undefined ? null : (JSON.parse(row.data) as SessionRecord)
  const endSession = sessionEnding(db, steps)
  return {
    create: (record, replaces) =>
      steps.told(
        db.write(() => {
          insert.run(record.hash, record.expiresAt, JSON.stringify(record))
          const before = replaces === null ? null : sessionOf(remove.get(replaces))
          if (before !== null && before.sub !== record.sub) endSession(before, record.authTime)
        }),
      ),
    find: (hash, now) => db.read(() => sessionOf(find.get(hash, now))),
    end: (hash) => db.write(() => sessionOf(remove.get(hash))),
    list: (sub, now) => db.read(() => list.all(sub, now).map((row) => JSON.parse(row.data) as SessionRecord)),
    use: (hash, now) => db.write(() => use.run(now, hash).changes === 1),
    endOf: endOfSessions(db, steps, endSession),
    noteClient: (sid, clientId, expiresAt) =>
      db.write(() => {
        noteClient.run(sid, clientId, expiresAt)
      }),
    clientsOf: (sid) => db.read(() => clientsOf.all(sid).map((row) => row.client_id)),
  }
}

function endOfSessions(
  db: SqliteDatabase,
  steps: FamilySteps,
  endSession: ReturnType<typeof sessionEnding>,
): SessionStore['endOf'] {
  const sid = "json_extract(data, '$.sid')"
  const remove = (condition: string) =>
    db.prepare<{ readonly sid: string }>(
      `delete from sessions where json_extract(data, '$.sub') = ? and ${condition} returning ${sid} as sid`,
    )
  const removeOne = remove(`${sid} = ?`)
  const removeOthers = remove(`${sid} <> ?`)
  return (sub, which, now) =>
    steps.told(
      db.write(() => {
        const gone = 'only' in which ? removeOne.all(sub, which.only) : removeOthers.all(sub, which.except)
        const ended = [...new Set(gone.map((row) => row.sid))]
        for (const each of ended) endSession({ sid: each, sub }, now)
        return ended
      }),
    )
}
