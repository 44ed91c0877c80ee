import type {
  HandleHash,
  InteractionRecord,
  InteractionStore,
  PushedRequestRecord,
  PushedRequestStore,
  SessionRecord,
  SessionStore,
} from '@latchkey/provider'
import { logoutTriedForSeconds } from '../../provider/logout-deliveries.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'
import type { Told } from './revocations.ts'

interface Data {
  readonly data: string
}

export function postgresInteractions(db: PostgresDatabase): InteractionStore {
  type Row = Pick<Schema['interactions'], 'session_hash' | 'data'>
  function interactionOf([row]: readonly Row[]): InteractionRecord | null {
    if (row === undefined) return null
    return { ...(JSON.parse(row.data) as InteractionRecord), sessionHash: row.session_hash as HandleHash | null }
  }
  return {
    async create(record) {
      await db.write('insert into interactions (hash, session_hash, expires_at, data) values ($1, $2, $3, $4)', [
        record.hash,
        record.sessionHash,
        record.expiresAt,
        JSON.stringify(record),
      ])
    },
    async find(hash, now) {
      const sql = 'select session_hash, data from interactions where hash = $1 and expires_at > $2'
      return interactionOf(await db.read<Row>(sql, [hash, now]))
    },
    async recordSignIn(hash, sessionHash, now) {
      const sql = 'update interactions set session_hash = $1 where hash = $2 and expires_at > $3'
      return (await db.count(sql, [sessionHash, hash, now])) === 1
    },
    async consume(hash, now) {
      const sql = 'delete from interactions where hash = $1 and expires_at > $2 returning session_hash, data'
      return interactionOf(await db.write<Row>(sql, [hash, now]))
    },
  }
}

export function postgresSessions(db: PostgresDatabase, told: Told): SessionStore {
  const endedOf = ([row]: readonly { readonly ended: boolean }[]): boolean => row?.ended ?? false
  const sessionOf = ([row]: readonly Data[]): SessionRecord | null =>
    row === undefined ? null : (JSON.parse(row.data) as SessionRecord)
  return {
    async create(record, replaces) {
      const { hash, expiresAt, authTime } = record
      const values = [hash, expiresAt, JSON.stringify(record)]
      if (replaces === null) {
        await db.act('insert into sessions (hash, expires_at, data) values ($1, $2, $3)', values, () => {})
        return
      }
      const replace = 'select latchkey_replace_session($1, $2, $3, $4, $5) as ended'
      const written = db.act(replace, [...values, replaces, authTime + logoutTriedForSeconds], endedOf)
      await told(written, (ended) => ended)
    },
    async find(hash, now) {
      const sql = 'select data from sessions where hash = $1 and expires_at > $2'
      return sessionOf(await db.read<Data>(sql, [hash, now]))
    },
    async end(hash) {
      return db.act('delete from sessions where hash = $1 returning data', [hash], sessionOf)
    },
    async list(sub, now) {
      const sql = "select data from sessions where (data::json ->> 'sub') = $1 and expires_at > $2"
      return (await db.read<Data>(sql, [sub, now])).map(({ data }) => JSON.parse(data) as SessionRecord)
    },
    async use(hash, now) {
      const sql = `update sessions set data = jsonb_set(data::jsonb, '{usedAt}',
        to_jsonb(greatest((data::jsonb ->> 'usedAt')::bigint, $2::bigint)))::text where hash = $1`
      return (await db.count(sql, [hash, now])) === 1
    },
    async endOf(sub, which, now) {
      const end = 'select sid from latchkey_end_sessions_of($1, $2, $3, $4, $5) as sid'
      const [only, except] = 'only' in which ? [which.only, null] : [null, which.except]
      const values = [sub, only, except, now, now + logoutTriedForSeconds]
      const written = db.act(end, values, (rows: readonly Pick<SessionRecord, 'sid'>[]) => [
        ...new Set(rows.map(({ sid }) => sid)),
      ])
      return told(written, (ended) => ended.length > 0)
    },
    async noteClient(sid, clientId, expiresAt) {
      await db.write(
        `insert into session_clients (sid, client_id, expires_at) values ($1, $2, $3)
         on conflict (sid, client_id) do update
           set expires_at = greatest(session_clients.expires_at, excluded.expires_at)`,
        [sid, clientId, expiresAt],
      )
    },
    async clientsOf(sid) {
      const sql = 'select client_id from session_clients where sid = $1 order by client_id'
      return (await db.read<Pick<Schema['session_clients'], 'client_id'>>(sql, [sid])).map((row) => row.client_id)
    },
  }
}

export function postgresPushedRequests(db: PostgresDatabase): PushedRequestStore {
  return {
    async create(record) {
      await db.write('insert into pushed_requests (hash, client_id, expires_at, data) values ($1, $2, $3, $4)', [
        record.hash,
        record.clientId,
        record.expiresAt,
        JSON.stringify(record),
      ])
    },
    async find(hash, clientId, now) {
      const sql = 'select data from pushed_requests where hash = $1 and client_id = $2 and expires_at > $3'
      const [row] = await db.read<Data>(sql, [hash, clientId, now])
      return row === undefined ? null : (JSON.parse(row.data) as PushedRequestRecord)
    },
    async consume(hash, clientId, now) {
      const sql = 'delete from pushed_requests where hash = $1 and client_id = $2 and expires_at > $3 returning data'
      const [row] = await db.write<Data>(sql, [hash, clientId, now])
      return row === undefined ? null : (JSON.parse(row.data) as PushedRequestRecord)
    },
  }
}
