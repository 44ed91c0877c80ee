import type { EndReason, SessionFilter, SessionStore } from '@latchkey/bff'
import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { rememberOnce } from '../provider/keys-and-replays.ts'
import type { SqliteDatabase, Statement } from '../sqlite.ts'
import { createSweep } from '../sweep.ts'
import { createPresence } from './presence.ts'
import { sqliteRenewal } from './renewal.ts'
import { createSessionChanges } from './session-changes.ts'
import { isAlive, type SessionRow, sessionOf } from './session-row.ts'

/** How long a revoked session's row is kept, so that whoever still holds it is refused. */
const tombstoneSeconds = 3600

/** The BFF's sessions in an SQLite file. `close` lets go of the file; the last store of it closes it. */
export function createSqliteSessionStore(
  db: SqliteDatabase,
  { runtime = systemRuntime }: { runtime?: Runtime } = {},
): SessionStore {
  const changes = createSessionChanges(db, runtime)
  const presence = createPresence(db.file, runtime)
  const letGo = db.hold()
  return {
    ...lifetime(db, changes),
    ...sqliteRenewal(db, { changes, presence }),
    ...revocation(db, changes),
    rememberOnce: rememberOnce(db, 'bff_once'),
    sweep: createSweep(
      db,
      [
        { table: 'bff_sessions', key: 'hash', condition: 'idle_expires_at <= ?1 and revoked_at is null' },
        { table: 'bff_sessions', key: 'hash', condition: `revoked_at <= ?1 - ${tombstoneSeconds}` },
        { table: 'bff_once', key: 'key', condition: 'expires_at <= ?1' },
      ],
      runtime,
    ),
    subscribe: changes.subscribe,
    async close() {
      await letGo()
      presence.leave()
    },
  }
}

type Changes = ReturnType<typeof createSessionChanges>

function lifetime(db: SqliteDatabase, changes: Changes): Pick<SessionStore, 'create' | 'load' | 'touch'> {
  const insert = db.prepare(
    `insert into bff_sessions (hash, sub, sid, client_id, sealed_tokens, version, created_at, last_seen_at,
       idle_expires_at, absolute_expires_at, revoked_at, fence, lease_ends_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, min(?9, ?10), ?10, null, 0, null)`,
  )
  const replace = db.prepare(`${entomb} where hash = ?2 and revoked_at is null`)
  const load = db.prepare<SessionRow>(`select * from bff_sessions where ${isAlive} and hash = ?2`)
  const touch = db.prepare(
    `update bff_sessions set last_seen_at = max(last_seen_at, ?1),
       idle_expires_at = min(max(idle_expires_at, ?3), absolute_expires_at)
     where ${isAlive} and hash = ?2`,
  )
  return {
    async create(record, replaces) {
      const replaced = await db.write(() => {
        const { hash, sub, sid, clientId, sealedTokens, version, createdAt, lastSeenAt } = record
        const ends = [record.idleExpiresAt, record.absoluteExpiresAt]
        insert.run(hash, sub, sid, clientId, sealedTokens, version, createdAt, lastSeenAt, ...ends)
        if (replaces === null || replace.run(createdAt, replaces, 'replaced').changes === 0) return []
        changes.note(replaces, createdAt)
        return [replaces]
      })
      changes.tell(replaced)
    },
    load: (hash, now) =>
      db.read(() => {
        const row = load.get(now, hash)
        return row === undefined ? null : sessionOf(row)
      }),
    touch: (hash, { now, idleExpiresAt }) => db.write(() => touch.run(now, hash, idleExpiresAt).changes === 1),
  }
}

/** A tombstone keeps the key, so that the session is never written again, and no tokens. */
const entomb = "update bff_sessions set revoked_at = ?1, ended_because = ?3, sealed_tokens = '', lease_ends_at = null"

function revocation(db: SqliteDatabase, changes: Changes): Pick<SessionStore, 'revoke' | 'whyEnded' | 'list'> {
  const named = eachFilter((where) =>
    db.prepare<{ readonly hash: string; readonly alive: 0 | 1 }>(
      `select hash, (${isAlive}) as alive from bff_sessions where revoked_at is null and ${where}`,
    ),
  )
  const end = db.prepare(`${entomb} where hash = ?2`)
  const why = db.prepare<{ readonly ended_because: EndReason | null }>(
    'select ended_because from bff_sessions where hash = ? and revoked_at is not null',
  )
  const list = eachFilter((where) =>
    db.prepare<SessionRow>(
      `select * from bff_sessions where ${isAlive} and ${where} and hash > ?4 order by hash limit ?5`,
    ),
  )
  return {
    async revoke(filter, now, because = 'revoked') {
      const { alive, ended } = await db.write(() => {
        const [statement, one, two] = pick(named, filter)
        const rows = statement.all(now, one, two)
        for (const { hash } of rows) {
          end.run(now, hash, because)
          changes.note(hash, now)
        }
        return { alive: rows.filter((row) => row.alive === 1).length, ended: rows.map((row) => row.hash) }
      })
      changes.tell(ended)
      return alive
    },
    whyEnded: (hash) => db.read(() => why.get(hash)?.ended_because ?? null),
    list: (filter, { after = '', limit, now }) =>
      db.read(() => {
        const [statement, one, two] = pick(list, filter)
        return statement.all(now, one, two, after, limit).map(sessionOf)
      }),
  }
}

interface EachFilter<Row> {
  readonly byHash: Statement<Row>
  readonly bySub: Statement<Row>
  readonly bySid: Statement<Row>
  readonly byClient: Statement<Row>
}

/** One statement a filter; each takes the instant and two values, the second of which may be idle. */
function eachFilter<Row>(prepare: (where: string) => Statement<Row>): EachFilter<Row> {
  return {
    byHash: prepare('hash = ?2 and ?3 is null'),
    bySub: prepare('sub = ?2 and ?3 is null'),
    bySid: prepare('sid = ?2 and client_id = ?3'),
    byClient: prepare('client_id = ?2 and ?3 is null'),
  }
}

function pick<Row>(each: EachFilter<Row>, filter: SessionFilter): readonly [Statement<Row>, string, string | null] {
  if ('hash' in filter) return [each.byHash, filter.hash, null]
  if ('sub' in filter) return [each.bySub, filter.sub, null]
  if (!('sid' in filter)) return [each.byClient, filter.clientId, null]
  return [each.bySid, filter.sid, filter.clientId]
}
